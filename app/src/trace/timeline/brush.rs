//! A drag over a strip, in shares of its width. Not here: what it zooms.

use leptos::prelude::*;
use leptos::{ev, html};

use super::layout::Stretch;

/// Drags shorter than this share of the strip are clicks.
const DRAG_SHARE_MIN: f64 = 0.005;

/// The drag that is going on over `strip`, if one is.
#[derive(Clone, Copy)]
pub struct Brush {
    strip: NodeRef<html::Div>,
    dragged: RwSignal<Option<(f64, f64)>>,
}

// === impl Brush ===

impl Brush {
    /// Nothing is dragged yet.
    pub fn over(strip: NodeRef<html::Div>) -> Brush {
        Brush { strip, dragged: RwSignal::new(None) }
    }

    /// The pointer went down.
    pub fn start(&self, event: &ev::PointerEvent) {
        if let (0, Some(at), Some(strip)) = (event.button(), self.share(event), self.strip.get_untracked()) {
            // Without capture the drag would end at the edge; that is bearable, so a failure is too.
            let _captured = strip.set_pointer_capture(event.pointer_id());
            self.dragged.set(Some((at, at)));
        }
    }

    /// The pointer moved.
    pub fn drag(&self, event: &ev::PointerEvent) {
        if let (Some((from, _)), Some(to)) = (self.dragged.get_untracked(), self.share(event)) {
            self.dragged.set(Some((from, to)));
        }
    }

    /// The pointer went up: `Some(None)` after a click, nothing when no drag was going on.
    pub fn end(&self) -> Option<Option<(f64, f64)>> {
        let (from, to) = self.dragged.get_untracked()?;
        self.dragged.set(None);
        Some(((from - to).abs() > DRAG_SHARE_MIN).then_some((from, to)))
    }

    /// The drag was taken away.
    pub fn cancel(&self) {
        self.dragged.set(None);
    }

    /// What is covered so far.
    pub fn covered(&self) -> Option<Stretch> {
        let (from, to) = self.dragged.get()?;
        Some(Stretch { left: from.min(to) * 100.0, width: (from - to).abs() * 100.0 })
    }

    fn share(&self, event: &ev::PointerEvent) -> Option<f64> {
        share_of(&self.strip.get_untracked()?, f64::from(event.client_x()))
    }
}

/// Where a pointer is over `strip`, 0 left, 1 right.
pub fn share_of(strip: &web_sys::HtmlDivElement, client_x: f64) -> Option<f64> {
    let place = strip.get_bounding_client_rect();
    (place.width() > 0.0).then(|| ((client_x - place.left()) / place.width()).clamp(0.0, 1.0))
}
