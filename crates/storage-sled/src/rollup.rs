//! What spans add up to: rates by service and name, calls between nodes, names. Counted behind the acknowledgement, kept in
//! the annex of a generation's first block. Not here: what makes a cell (`model::red`, `model::edge`), and answers (`read`).

mod cells;
mod hours;
mod live;
mod minutes;
mod moment;
mod names;
mod restart;
mod runs;
mod tally;

pub(crate) use cells::{CellCache, edge_cells, red_cells};
pub(crate) use hours::{Gatherer, gather_all};
pub(crate) use minutes::Minutes;
pub(crate) use moment::Moment;
pub(crate) use names::Names;
pub(crate) use runs::Runs;
pub(crate) use tally::{Tally, start};
