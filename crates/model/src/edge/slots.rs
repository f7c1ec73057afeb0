//! The spans a matcher remembers, oldest first, found by trace and span id. Bounded: a new one may push out the oldest.
//!
//! Not here: what it means that two spans meet.

use std::hash::{BuildHasher, Hash, Hasher};
use std::num::NonZeroU32;

use foldhash::fast::RandomState;

use super::NodeKind;
use super::fold::NodeId;
use super::places::Places;
use crate::id::{SpanId, TraceId};
use crate::span::SpanKind;
use crate::time::SpanDuration;

/// Where a span is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct SpanKey {
    pub(super) trace_id: TraceId,
    pub(super) span_id: SpanId,
}

/// A slot, for as long as it is remembered. The number of its place plus one, so that an absent one takes no room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct SlotId(NonZeroU32);

/// What is remembered under a key.
#[derive(Clone, Debug)]
pub(super) struct Slot {
    pub(super) key: SpanKey,
    pub(super) content: Content,
    /// First of the slots that wait for this span.
    pub(super) waiters: Option<SlotId>,
}

#[derive(Clone, Debug)]
pub(super) enum Content {
    /// Named as a parent or by a link, and not seen yet.
    Missing,
    /// Seen.
    Span(Half),
    /// Not a span of its own: a link of one, which waits for the span it names. Found by no key.
    Link(Half),
}

/// One span, as far as it may become a half of a call.
#[derive(Clone, Copy, Debug)]
pub(super) struct Half {
    pub(super) parent: Option<SpanId>,
    pub(super) service: NodeId,
    /// What its attributes name as the other side.
    pub(super) peer: Option<NodeId>,
    pub(super) duration: SpanDuration,
    pub(super) minute: u32,
    pub(super) kind: SpanKind,
    pub(super) is_error: bool,
    pub(super) role: Role,
    pub(super) search: Search,
}

/// What a span is to those below it. The number is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Role {
    /// No client half: work inside a service, or its entry.
    Inside = 0,
    /// A client half that no server half has met yet.
    Open = 1,
    /// A client half that was met.
    Met = 2,
    /// A client half whose edge was counted when it came, because its peer is no service.
    Counted = 3,
    /// A client by kind that makes no call to its peer: it takes or acknowledges messages.
    Idle = 4,
}

/// A span's search for who called it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Search {
    /// Where it waits; `None` when it is over or never began.
    pub(super) place: Option<Place>,
    /// The nearest other service on the way so far.
    pub(super) caller: Option<NodeId>,
    /// Steps made so far.
    pub(super) steps: u16,
}

/// A place in the list of those who wait for one span.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub(super) at: SlotId,
    pub(super) previous: Option<SlotId>,
    pub(super) next: Option<SlotId>,
}

/// Slots in the order of their making: a ring.
#[derive(Debug)]
pub(super) struct Slots {
    /// Grows to `count_max`, then its places are used again.
    ring: Vec<Slot>,
    count_max: usize,
    /// Place of the oldest.
    front: usize,
    count: usize,
    /// How many were made, ever.
    made: u64,
    places: Places,
    seed: RandomState,
}

// === impl SpanKey ===

impl Hash for SpanKey {
    /// Two numbers instead of two byte strings: no lengths, no loops.
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u128(u128::from_ne_bytes(*self.trace_id.bytes()));
        state.write_u64(u64::from_ne_bytes(*self.span_id.bytes()));
    }
}

// === impl SlotId ===

impl SlotId {
    fn at(place: usize) -> SlotId {
        SlotId(NonZeroU32::new(place as u32 + 1).expect("Slots::new checked that places are fewer"))
    }

    fn place(self) -> usize {
        self.0.get() as usize - 1
    }
}

// === impl Role ===

impl Role {
    /// From the stored number.
    pub(super) fn from_number(number: u8) -> Option<Role> {
        [Role::Inside, Role::Open, Role::Met, Role::Counted, Role::Idle].get(usize::from(number)).copied()
    }

    /// Whether it is the client half of a call that may have a server half.
    pub(super) fn is_client(self) -> bool {
        matches!(self, Role::Open | Role::Met | Role::Counted)
    }

    /// It need not be counted alone any more.
    pub(super) fn meet(&mut self) {
        if *self == Role::Open {
            *self = Role::Met;
        }
    }
}

// === impl Half ===

impl Half {
    /// The topic from which a consumer says its message came. Its edge begins there and was counted when it arrived.
    pub(super) fn topic(&self) -> Option<NodeId> {
        self.peer.filter(|peer| self.kind == SpanKind::Consumer && peer.kind() == NodeKind::Messaging)
    }

    /// The service that an entry names as its caller.
    pub(super) fn named_caller(&self) -> Option<NodeId> {
        self.peer.filter(|peer| self.kind.is_entry() && peer.kind() == NodeKind::Service)
    }
}

// === impl Search ===

impl Search {
    pub(super) const NONE: Search = Search { place: None, caller: None, steps: 0 };
}

// === impl Slot ===

impl Slot {
    /// The half in it; none in a slot that stands for a missing span.
    pub(super) fn half(&self) -> Option<&Half> {
        match &self.content {
            Content::Missing => None,
            Content::Span(half) | Content::Link(half) => Some(half),
        }
    }

    pub(super) fn half_mut(&mut self) -> Option<&mut Half> {
        match &mut self.content {
            Content::Missing => None,
            Content::Span(half) | Content::Link(half) => Some(half),
        }
    }
}

// === impl Slots ===

impl Slots {
    /// Room for `count_max` slots.
    pub(super) fn new(count_max: usize) -> Slots {
        assert!(count_max < u32::MAX as usize, "places are numbered by 32 bits");
        Slots {
            ring: Vec::new(),
            count_max,
            front: 0,
            count: 0,
            made: 0,
            places: Places::default(),
            seed: RandomState::default(),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.count
    }

    /// How many more there is room for.
    pub(super) fn room(&self) -> usize {
        self.count_max - self.count
    }

    /// How many were made, ever.
    pub(super) fn made(&self) -> u64 {
        self.made
    }

    /// How many of those were made before the oldest that is remembered.
    pub(super) fn forgotten(&self) -> u64 {
        self.made - self.count as u64
    }

    /// The slot for `key`, made now as a missing span if there is none.
    pub(super) fn find_or_miss(&mut self, key: SpanKey) -> SlotId {
        let hash = self.hash(key);
        if let Some(place) = self.places.find(hash, |place| self.ring[place].key == key) {
            return SlotId::at(place);
        }
        let id = self.push(Slot { key, content: Content::Missing, waiters: None });
        self.places.insert(hash, id.place());
        id
    }

    /// A slot that no key finds.
    pub(super) fn push_link(&mut self, key: SpanKey, half: Half) -> SlotId {
        self.push(Slot { key, content: Content::Link(half), waiters: None })
    }

    pub(super) fn get(&self, id: SlotId) -> &Slot {
        &self.ring[id.place()]
    }

    pub(super) fn get_mut(&mut self, id: SlotId) -> &mut Slot {
        &mut self.ring[id.place()]
    }

    /// The half in a slot that is known to hold one.
    pub(super) fn half(&self, id: SlotId) -> &Half {
        self.get(id).half().expect("only spans and links search, call and answer")
    }

    pub(super) fn half_mut(&mut self, id: SlotId) -> &mut Half {
        self.get_mut(id).half_mut().expect("only spans and links search, call and answer")
    }

    /// Puts the slot `id` into the list of those who wait for `at`.
    pub(super) fn wait(&mut self, id: SlotId, at: SlotId) {
        let next = self.get_mut(at).waiters.replace(id);
        if let Some(next) = next {
            self.place_mut(next).previous = Some(id);
        }
        self.half_mut(id).search.place = Some(Place { at, previous: None, next });
    }

    /// Takes the slot `id` out of the list it waits in; `false` when it does not wait.
    pub(super) fn leave(&mut self, id: SlotId) -> bool {
        let half = self.get_mut(id).half_mut();
        let Some(place) = half.and_then(|half| half.search.place.take()) else { return false };
        match place.previous {
            Some(previous) => self.place_mut(previous).next = place.next,
            None => self.get_mut(place.at).waiters = place.next,
        }
        if let Some(next) = place.next {
            self.place_mut(next).previous = place.previous;
        }
        true
    }

    /// The oldest slot.
    pub(super) fn oldest(&self) -> Option<SlotId> {
        (self.count > 0).then(|| SlotId::at(self.front))
    }

    /// Forgets the oldest slot. Nobody may wait for it, and it may not wait.
    pub(super) fn forget_oldest(&mut self) {
        let Some(oldest) = self.oldest() else { return };
        let slot = self.get(oldest);
        assert!(slot.waiters.is_none(), "those who waited were sent away");
        if !matches!(slot.content, Content::Link(_)) {
            let hash = self.hash(slot.key);
            self.places.remove(hash, self.front);
        }
        self.front = self.place_of(1);
        self.count -= 1;
    }

    /// All that are remembered, in no order.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Slot> {
        (0..self.count).map(|age| &self.ring[self.place_of(age)])
    }

    /// Calls `change` with the half in every slot that has one.
    pub(super) fn for_each_half(&mut self, mut change: impl FnMut(&mut Half)) {
        for age in 0..self.count {
            let place = self.place_of(age);
            if let Some(half) = self.ring[place].half_mut() {
                change(half);
            }
        }
    }

    fn hash(&self, key: SpanKey) -> u32 {
        self.seed.hash_one(key) as u32
    }

    /// Where the slot lies, or will lie, before which `age` others were made that are remembered.
    #[inline]
    fn place_of(&self, age: usize) -> usize {
        let place = self.front + age;
        // `age` is no more than `count_max`: one subtraction is the remainder, and much cheaper.
        if place < self.count_max { place } else { place - self.count_max }
    }

    fn push(&mut self, slot: Slot) -> SlotId {
        assert!(self.count < self.count_max, "room was made before");
        let place = self.place_of(self.count);
        match self.ring.get_mut(place) {
            Some(free) => *free = slot,
            None => self.ring.push(slot),
        }
        self.count += 1;
        self.made += 1;
        SlotId::at(place)
    }

    fn place_mut(&mut self, id: SlotId) -> &mut Place {
        self.half_mut(id).search.place.as_mut().expect("listed slots have a place")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slot_is_as_small_as_the_limit_says() {
        // `SPANS_MAX` says how much memory a matcher takes.
        assert!(size_of::<Slot>() <= 96, "{}", size_of::<Slot>());
    }
}
