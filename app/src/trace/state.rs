//! The trace page between its parts: loads columns and details, and keeps the address bar equal to what is shown.

use std::sync::Arc;

use api::{ApiError, ErrorCode, SpanDetails, TraceColumns, TraceHead};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use leptos_router::params::ParamsMap;
use model::{SpanId, TraceId};

use super::address::{FoldBase, PanelTab, TraceAddress};
use super::details::{DetailsCache, rows_to_fetch};
use super::timeline::rows::RowIndex;
use super::timeline::state::{Followed, Timeline};
use crate::client::{Client, use_client};
use crate::href;
use crate::ui::copy::copy;

type Navigate = Arc<dyn Fn(&str, NavigateOptions) + Send + Sync>;

/// Signals of the trace page. Made once per state of a trace.
#[derive(Clone, Copy)]
pub struct TraceState {
    /// The trace.
    pub id: TraceId,
    /// State of the trace that the first rows show.
    pub sequence: StoredValue<u64>,
    /// Rows, folds, zoom, cursor.
    pub timeline: Timeline,
    /// Details of the row under the cursor, or why there are none.
    pub details: RwSignal<Option<Result<Arc<SpanDetails>, ApiError>>>,
    /// Part of the details that is shown.
    pub panel: RwSignal<PanelTab>,
    /// Why the columns are missing.
    pub failed: RwSignal<Option<String>>,
    /// The trace grew; asks the page to load it again.
    pub outdated: RwSignal<bool>,
    cache: StoredValue<DetailsCache>,
    client: StoredValue<Arc<dyn Client>>,
    /// What the address bar says, or will say.
    pub(super) address: RwSignal<TraceAddress>,
    /// Counts planned writes; only the last one writes.
    pub(super) writes: StoredValue<u32>,
    /// The planned write that was the last to be done.
    pub(super) written: StoredValue<u32>,
    pub(super) push: StoredValue<bool>,
    pub(super) navigate: StoredValue<Navigate>,
    loads: RwSignal<u32>,
}

/// What the address says now.
pub fn address_in(query: Memo<ParamsMap>) -> TraceAddress {
    query.with_untracked(|query| TraceAddress::parse(|key| query.get(key)))
}

// === impl TraceState ===

impl TraceState {
    /// Starts loading as soon as it runs in a browser.
    pub fn new(
        id: TraceId,
        head: &TraceHead,
        address: TraceAddress,
        timeline: Timeline,
        selected: Option<SpanDetails>,
    ) -> TraceState {
        let mut cache = DetailsCache::default();
        cache.put(selected.iter().cloned().collect());
        let state = TraceState {
            id,
            sequence: StoredValue::new(head.sequence),
            timeline,
            details: RwSignal::new(selected.map(|details| Ok(Arc::new(details)))),
            panel: RwSignal::new(address.panel),
            failed: RwSignal::new(None),
            outdated: RwSignal::new(false),
            cache: StoredValue::new(cache),
            client: StoredValue::new(use_client()),
            address: RwSignal::new(address),
            writes: StoredValue::new(0),
            written: StoredValue::new(0),
            push: StoredValue::new(false),
            navigate: StoredValue::new(Arc::new(use_navigate())),
            loads: RwSignal::new(0),
        };
        Effect::new(move |_| {
            state.loads.track();
            state.load_columns();
        });
        Effect::new(move |_| {
            state.timeline.outline.track();
            let (row, open) = (state.timeline.cursor.get(), state.timeline.details_open.get());
            if let (Some(row), true) = (row, open) {
                state.load_details(row);
            }
        });
        state.follow_history();
        state
    }

    /// Tries again what failed.
    pub fn retry(&self) {
        self.failed.set(None);
        self.loads.update(|loads| *loads += 1);
    }

    /// Forgets failed details and asks again.
    pub fn retry_details(&self) {
        if let Some(row) = self.timeline.cursor.get_untracked() {
            self.load_details(row);
        }
    }

    /// Keeps the address equal to what an action of the timeline did.
    pub fn followed(&self, followed: Followed) {
        match followed {
            Followed::Nothing => {}
            Followed::Moved if self.timeline.details_open.get_untracked() => {}
            Followed::Moved => self.close_details(),
            Followed::Zoomed => self.zoomed(),
            Followed::Toggled(row) => self.toggled(row),
            Followed::FoldedAll(depth) => {
                self.address.update_untracked(|address| {
                    address.fold.base = depth.map_or(FoldBase::Auto, FoldBase::Depth);
                    address.fold.toggled.clear();
                });
                self.write(false);
            }
            Followed::CopyLink => copy(self.link(), || {}),
        }
    }

    /// Shows another part of the details.
    pub fn show(&self, tab: PanelTab) {
        self.panel.set(tab);
        self.address.update_untracked(|address| address.panel = tab);
        self.write(false);
    }

    /// Closes the details, and takes the span out of the address.
    pub fn close_details(&self) {
        self.timeline.details_open.set(false);
        self.details.set(None);
        if self.address.with_untracked(|address| address.span.is_some()) {
            self.address.update_untracked(|address| address.span = None);
            self.write(true);
        }
    }

    /// The whole link to what is shown.
    pub fn link(&self) -> String {
        let origin = window().location().origin().unwrap_or_default();
        format!("{origin}{}", self.path())
    }

    pub(super) fn path(&self) -> String {
        let query = self.address.with_untracked(TraceAddress::query);
        format!("{}{query}", href::trace(&self.id.to_string()))
    }

    fn client(&self) -> Arc<dyn Client> {
        self.client.get_value()
    }

    fn load_columns(&self) {
        let state = *self;
        let loading = self.client().columns(self.id);
        spawn_local(async move {
            match loading.await {
                Ok(columns) => state.take_columns(columns).await,
                Err(error) => {
                    state.failed.try_set(Some(error.to_string()));
                }
            }
        });
    }

    async fn take_columns(&self, columns: Arc<TraceColumns>) {
        let Some(address) = self.address.try_get_untracked() else { return };
        let moved = self.sequence.try_get_value().is_some_and(|sequence| sequence != columns.sequence);
        let index = self.folded(columns.clone(), &address).await;
        if moved {
            // Row numbers in it belong to the state that the head was read at, like the row in the head.
            self.cache.try_set_value(DetailsCache::default());
        }
        let row = match (moved, address.span) {
            (true, Some(span)) => self.row_of(span).await,
            _ => self.timeline.cursor.try_get_untracked().flatten(),
        };
        if self.sequence.try_set_value(columns.sequence).is_some() {
            return; // The page was left.
        }
        let rows = columns.len() as u32;
        self.timeline.load(columns, index);
        if let Some(row) = row.filter(|row| *row < rows) {
            self.timeline.go_to(row);
            self.timeline.scroll_to(row, false);
        }
    }

    /// Every row, folded as the address says.
    pub(super) async fn folded(&self, columns: Arc<TraceColumns>, address: &TraceAddress) -> RowIndex {
        let mut index = RowIndex::new(columns.clone());
        if let Some(depth) = address.fold.from_depth() {
            index.fold_where(|row| columns.depth[row as usize] >= depth);
        }
        for span in &address.fold.toggled {
            match self.row_of(*span).await {
                Some(row) if (row as usize) < columns.len() && index.is_folded(row) => index.unfold(row),
                Some(row) if (row as usize) < columns.len() => index.fold(row),
                _ => {}
            }
        }
        index
    }

    /// The row of a span, from what was looked at or from the server.
    pub(super) async fn row_of(&self, span: SpanId) -> Option<u32> {
        if let Some(row) = self.cache.try_with_value(|cache| cache.row_of(span)).flatten() {
            return Some(row);
        }
        let asking = self.client.try_get_value()?.trace_head(self.id, Some(span));
        asking.await.ok()?.selected_row
    }

    fn load_details(&self, row: u32) {
        let mut known = None;
        self.cache.update_value(|cache| known = cache.get(row));
        if let Some(details) = known {
            self.take_details(row, details);
            return;
        }
        let rows = self
            .timeline
            .outline
            .with_untracked(|outline| outline.as_ref().map_or(row + 1, |outline| outline.columns.len() as u32));
        let wanted = rows_to_fetch(row, rows);
        let state = *self;
        let loading = self.client().spans(self.id, wanted.start, wanted.end, self.sequence.get_value());
        spawn_local(async move {
            let answer = loading.await;
            if state.timeline.cursor.try_get_untracked().flatten() != Some(row) {
                if let Ok(spans) = answer {
                    state.cache.try_update_value(|cache| cache.put(spans));
                }
                return;
            }
            match answer {
                Ok(spans) => {
                    let found = spans.iter().find(|span| span.row == row).cloned().map(Arc::new);
                    state.cache.try_update_value(|cache| cache.put(spans));
                    match found {
                        Some(details) => state.take_details(row, details),
                        None => state
                            .fail_details(ApiError::new(ErrorCode::NotFound, "the server has no details of this span")),
                    }
                }
                Err(error) if error.code == ErrorCode::Outdated => {
                    state.outdated.try_set(true);
                }
                Err(error) => state.fail_details(error),
            }
        });
    }

    fn take_details(&self, row: u32, details: Arc<SpanDetails>) {
        let span = SpanId::from_hex(&details.span_id);
        let same = self.details.with_untracked(|shown| matches!(shown, Some(Ok(shown)) if shown.row == row));
        if !same {
            self.details.set(Some(Ok(details)));
        }
        if self.address.with_untracked(|address| address.span != span) {
            self.address.update_untracked(|address| address.span = span);
            self.write(true);
        }
    }

    fn fail_details(&self, error: ApiError) {
        self.details.try_set(Some(Err(error)));
    }

    fn zoomed(&self) {
        let (window, extent) = (self.timeline.window.get_untracked(), self.timeline.extent.get_untracked());
        let zoom = (!window.is_whole(extent)).then_some((window.start, window.end));
        self.address.update_untracked(|address| address.zoom = zoom);
        self.write(false);
    }

    /// A link names folds by span, and columns have no span ids: they come with the details.
    fn toggled(&self, row: u32) {
        let state = *self;
        let mut known = None;
        self.cache.update_value(|cache| known = cache.get(row));
        let loading = self.client().spans(self.id, row, row + 1, self.sequence.get_value());
        spawn_local(async move {
            let details = match known {
                Some(details) => Some((*details).clone()),
                None => loading.await.ok().and_then(|mut spans| spans.pop()),
            };
            if let Some(span) = details.and_then(|details| SpanId::from_hex(&details.span_id)) {
                let noted = state.address.try_update_untracked(|address| address.fold.toggle(span));
                if noted.is_some() {
                    state.write(false);
                }
            }
        });
    }
}
