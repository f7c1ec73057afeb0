//! What spans add up to: rates by service and name, calls between nodes, names. Counted behind the acknowledgement, kept in
//! the annex of a generation's first block. Not here: what makes a cell (`model::red`, `model::edge`), and answers (`read`).

mod cells;
mod live;
mod minutes;
mod names;
mod restart;
mod tally;

pub(crate) use cells::{CellCache, edge_cells, red_cells};
pub(crate) use minutes::Minutes;
pub(crate) use names::Names;
pub(crate) use tally::{Tally, run};
