//! The address bar of the trace page: written when something settled, followed when the reader goes back or forward.

use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_query_map;

use super::address::TraceAddress;
use super::state::{TraceState, address_in};
use super::timeline::viewport::Window;

/// Changes of the address are written when nothing moved for so long; browsers limit how often a page may write it.
const WRITE_AFTER: Duration = Duration::from_millis(250);

// === impl TraceState ===

impl TraceState {
    /// Plans to write the address; `push`: as a new entry of the history.
    pub(super) fn write(&self, push: bool) {
        let state = *self;
        self.push.update_value(|planned| *planned |= push);
        self.writes.update_value(|writes| *writes += 1);
        let planned = self.writes.get_value();
        let write = move || {
            if state.writes.try_get_value() != Some(planned) {
                return;
            }
            state.write_now();
        };
        set_timeout(write, WRITE_AFTER);
    }

    /// Writes what is planned, if anything is.
    pub fn write_now(&self) {
        if self.writes.get_value() == self.written.get_value() {
            return;
        }
        self.written.set_value(self.writes.get_value());
        let replace = !self.push.get_value();
        self.push.set_value(false);
        let options = NavigateOptions { replace, scroll: false, ..NavigateOptions::default() };
        self.navigate.with_value(|navigate| navigate(&self.path(), options));
    }

    /// Back and forward change the address without us; then the page follows.
    pub(super) fn follow_history(&self) {
        let state = *self;
        let query = use_query_map();
        Effect::new(move |earlier: Option<()>| {
            let address = {
                query.track();
                address_in(query)
            };
            let ours =
                address == state.address.get_untracked() || state.writes.get_value() != state.written.get_value();
            if earlier.is_some() && !ours {
                state.apply(address);
            }
        });
    }

    fn apply(&self, address: TraceAddress) {
        let before = self.address.get_untracked();
        let extent = self.timeline.extent.get_untracked();
        self.address.set(address.clone());
        self.panel.set(address.panel);
        let window = address.zoom.map_or(Window::whole(extent), |(start, end)| Window::new(start, end, extent));
        self.timeline.window.set(window);
        if address.span.is_none() {
            self.timeline.details_open.set(false);
            self.details.set(None);
        }
        let state = *self;
        spawn_local(async move {
            let columns =
                state.timeline.index.try_with_untracked(|index| index.as_ref().map(|index| index.columns().clone()));
            if let Some(columns) = columns.flatten().filter(|_| before.fold != address.fold) {
                let index = state.folded(columns, &address).await;
                state.timeline.index.try_set(Some(index));
            }
            let Some(span) = address.span.filter(|_| before.span != address.span) else { return };
            if let Some(row) = state.row_of(span).await
                && state.timeline.outline.try_get_untracked().flatten().is_some()
            {
                state.timeline.go_to(row);
                state.timeline.details_open.set(true);
            }
        });
    }
}
