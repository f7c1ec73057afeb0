//! Single hot columns of a row group, without the others.

use model::{SpanId, UnixNanos};

use super::super::bytes::Cursor;
use super::super::directory::ChunkName;
use super::super::error::BlockError;
use super::super::layout::{Section, cold, hot, parent};
use super::super::planes;
use super::super::source::BlockSource;
use super::BlockReader;

/// Where the parent of a span is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parent {
    /// There is none.
    None,
    /// In this row of the same row group, counted from its first.
    Row(u32),
    /// Not in this row group, or it was not received, or the parents form a circle that is cut here.
    Elsewhere(SpanId),
}

/// No row has these numbers.
const NONE: u32 = u32::MAX;
const ELSEWHERE: u32 = u32::MAX - 1;

const PART: BlockError = BlockError::Invalid("hot column");

impl<S: BlockSource> BlockReader<S> {
    /// The shape of each row of a group; see [`BlockReader::shape_views`].
    pub fn shapes(&self, group: usize) -> Result<Vec<u32>, BlockError> {
        let shapes = self.dictionary()?.tables.span_shapes.len() as u64;
        let codes = self.hot_column(hot::SHAPE, group)?;
        if codes.iter().any(|code| *code >= shapes) {
            return Err(PART);
        }
        Ok(codes.into_iter().map(|code| code as u32).collect())
    }

    /// The duration of each row of a group in nanoseconds, zero where the end precedes the start.
    pub fn durations(&self, group: usize) -> Result<Vec<u64>, BlockError> {
        self.hot_column(hot::DURATION, group)
    }

    /// The span id of each row of a group.
    pub fn span_ids(&self, group: usize) -> Result<Vec<SpanId>, BlockError> {
        let bytes = self.chunk(ChunkName::new(Section::Cold, cold::SPAN_ID, group))?;
        // Their number was checked when the block was opened.
        bytes.as_chunks::<8>().0.iter().map(|id| SpanId::new(*id).ok_or(PART)).collect()
    }

    /// The parent of each row of a group.
    pub fn parents(&self, group: usize) -> Result<Vec<Parent>, BlockError> {
        let ids = self.chunk_if_any(ChunkName::new(Section::Hot, hot::PARENT_ID, group))?.unwrap_or_default();
        let mut ids = Cursor::new(&ids, "hot column");
        let parent = |above: u32| match above {
            NONE => Ok(Parent::None),
            ELSEWHERE => SpanId::new(ids.array()?).map(Parent::Elsewhere).ok_or(PART),
            above => Ok(Parent::Row(above)),
        };
        let parents = self.rows_above(group)?.into_iter().map(parent).collect::<Result<Vec<Parent>, BlockError>>()?;
        ids.finish()?;
        Ok(parents)
    }

    /// The row of the parent of each row of a group, [`NONE`] or [`ELSEWHERE`].
    fn rows_above(&self, group: usize) -> Result<Vec<u32>, BlockError> {
        let count = self.zones[group].rows as usize;
        let codes = self.chunk(ChunkName::new(Section::Hot, hot::PARENT, group))?;
        let far = self.chunk_if_any(ChunkName::new(Section::Hot, hot::PARENT_STEPS, group))?.unwrap_or_default();
        let mut far = Cursor::new(&far, "hot column");
        if codes.len() != count {
            return Err(PART);
        }
        let mut rows: Vec<u32> = Vec::with_capacity(count);
        // The rows above the row before and it itself, from the outermost on: `depth` of them.
        let mut path = vec![0u32; count];
        let mut depth = 0usize;
        for (row, code) in (0u32..).zip(&*codes) {
            let steps = match *code {
                parent::NONE | parent::ELSEWHERE => depth,
                parent::STEPS_FAR => usize::try_from(far.varint()?).ok().ok_or(PART)?,
                steps => steps.into(),
            };
            depth = depth.checked_sub(steps).ok_or(PART)?;
            rows.push(match (*code, depth) {
                (parent::NONE, _) => NONE,
                (parent::ELSEWHERE, _) => ELSEWHERE,
                (_, 0) => return Err(PART),
                _ => path[depth - 1],
            });
            path[depth] = row;
            depth += 1;
        }
        far.finish()?;
        Ok(rows)
    }

    /// The start of each row of a group.
    pub fn starts(&self, group: usize) -> Result<Vec<UnixNanos>, BlockError> {
        let spine = self.spine()?;
        let rows_above = self.rows_above(group)?;
        let distances = self.hot_column(hot::START, group)?;
        let first = self.bounds[group];
        let mut trace = spine.bounds.partition_point(|bound| *bound <= first) - 1;
        let mut starts: Vec<UnixNanos> = Vec::with_capacity(distances.len());
        for (row, (distance, above)) in (first..).zip(distances.iter().zip(&rows_above)) {
            // No trace is without rows, so the next row is of this trace or of the next one.
            trace += usize::from(row >= spine.bounds[trace + 1]);
            let base = starts.get(*above as usize).map_or(spine.starts[trace], |start| start.0);
            starts.push(UnixNanos(base.wrapping_add(*distance)));
        }
        Ok(starts)
    }

    /// The end of each row of a group.
    pub fn ends_after(&self, group: usize, starts: &[UnixNanos]) -> Result<Vec<UnixNanos>, BlockError> {
        let durations = self.durations(group)?;
        let end = |(start, duration): (&UnixNanos, &u64)| start.0.checked_add(*duration).map(UnixNanos).ok_or(PART);
        let mut ends = starts.iter().zip(&durations).map(end).collect::<Result<Vec<UnixNanos>, BlockError>>()?;
        let reversed = self.chunk_if_any(ChunkName::new(Section::Hot, hot::REVERSED, group))?.unwrap_or_default();
        let mut cursor = Cursor::new(&reversed, "hot column");
        while cursor.remaining() > 0 {
            let row = cursor.index(starts.len())? as usize;
            ends[row] = UnixNanos(starts[row].0.checked_sub(cursor.varint()?).ok_or(PART)?);
        }
        Ok(ends)
    }

    fn hot_column(&self, column: u32, group: usize) -> Result<Vec<u64>, BlockError> {
        let bytes = self.chunk(ChunkName::new(Section::Hot, column, group))?;
        let mut cursor = Cursor::new(&bytes, "hot column");
        let values = planes::take(&mut cursor, self.zones[group].rows as usize)?;
        cursor.finish()?;
        Ok(values)
    }
}
