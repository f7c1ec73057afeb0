//! Spans by resource, then by scope, as OTLP nests them; groups and spans keep the order of their first appearance.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::Hash;
use std::sync::Arc;

use model::{Resource, Scope, Span};

use super::{resource_key, scope_key};

/// All spans of one resource.
pub(super) struct ResourceGroup<'a> {
    pub(super) resource: &'a Resource,
    pub(super) scopes: Vec<ScopeGroup<'a>>,
}

/// All spans of one scope of a resource.
pub(super) struct ScopeGroup<'a> {
    pub(super) scope: &'a Scope,
    pub(super) spans: Vec<&'a Span>,
}

/// Groups `spans`.
pub(super) fn by_resource(spans: &[Span]) -> Vec<ResourceGroup<'_>> {
    let mut groups: Vec<ResourceGroup<'_>> = Vec::new();
    let (mut resources, mut scopes) = (Places::default(), Places::default());
    for span in spans {
        let resource_place = resources.place(Arc::as_ptr(&span.resource), || resource_key(&span.resource));
        if resource_place == groups.len() {
            groups.push(ResourceGroup { resource: &span.resource, scopes: Vec::new() });
        }
        // A scope's place counts over all resources; inside one it is looked up by that number.
        let scope_place = scopes.place((resource_place, Arc::as_ptr(&span.scope)), || {
            let mut key = scope_key(&span.scope);
            key.extend(resource_place.to_le_bytes());
            key
        });
        let group = &mut groups[resource_place];
        let inside = scopes.inside(scope_place, group.scopes.len());
        if inside == group.scopes.len() {
            group.scopes.push(ScopeGroup { scope: &span.scope, spans: Vec::new() });
        }
        group.scopes[inside].spans.push(span);
    }
    groups
}

/// Numbers things by first appearance: quickly when it is the same object, by content otherwise.
struct Places<P> {
    by_pointer: HashMap<P, usize>,
    by_content: HashMap<Vec<u8>, usize>,
    inside: Vec<usize>,
}

impl<P> Default for Places<P> {
    fn default() -> Places<P> {
        Places { by_pointer: HashMap::new(), by_content: HashMap::new(), inside: Vec::new() }
    }
}

impl<P: Hash + Eq> Places<P> {
    fn place(&mut self, pointer: P, content: impl FnOnce() -> Vec<u8>) -> usize {
        match self.by_pointer.entry(pointer) {
            Entry::Occupied(known) => *known.get(),
            Entry::Vacant(unknown) => {
                let next = self.by_content.len();
                *unknown.insert(*self.by_content.entry(content()).or_insert(next))
            }
        }
    }

    /// The number of `place` inside its parent, which is `next` when it was not there yet.
    fn inside(&mut self, place: usize, next: usize) -> usize {
        if place == self.inside.len() {
            self.inside.push(next);
        }
        self.inside[place]
    }
}
