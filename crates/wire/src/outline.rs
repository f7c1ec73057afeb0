//! `Decoded` as text that shows every value, for expectations beside the checks.

use std::fmt::Write;

use model::batch::SharedParts;
use model::{Attributes, Span, SpanBatch};

use crate::decoded::{Decoded, DecodedBatch};

/// The same of columns.
pub(crate) fn outline_batch(decoded: &DecodedBatch) -> String {
    let mut parts = SharedParts::default();
    let rows = decoded.batch.iter().flat_map(SpanBatch::rows);
    let spans = rows.map(|row| row.to_span(&mut parts)).collect();
    outline(&Decoded { spans, rejected: decoded.rejected.clone() })
}

/// One line per span, resource, scope, event, link and attribute. What is at its default is left out.
pub(crate) fn outline(decoded: &Decoded) -> String {
    let mut text = String::new();
    for span in &decoded.spans {
        outline_span(&mut text, span).expect("a string takes any text");
    }
    text.push_str(&decoded.rejected.message());
    text
}

fn outline_span(text: &mut String, span: &Span) -> std::fmt::Result {
    write!(text, "{:?} {}/{}", span.name, span.trace_id, span.span_id)?;
    if let Some(parent) = span.parent_span_id {
        write!(text, " < {parent}")?;
    }
    writeln!(text, " {} {}..{}", span.kind.word(), span.start.0, span.end.0)?;
    let mut fact = |name: &str, value: String, default: &str| match value == default {
        true => Ok(()),
        false => writeln!(text, "  {name} {value}"),
    };
    fact("state", span.trace_state.clone(), "")?;
    fact("flags", format!("{:#x}", span.flags), "0x0")?;
    fact("status", format!("{} {:?}", span.status.code.word(), span.status.message), "unset \"\"")?;
    for warning in span.warnings.iter() {
        fact("warning", format!("{warning:?}"), "")?;
    }
    outline_attributes(text, "  ", &span.attributes, span.attributes_dropped)?;
    for event in &span.events {
        writeln!(text, "  event {:?} at {}", event.name, event.time.0)?;
        outline_attributes(text, "    ", &event.attributes, event.attributes_dropped)?;
    }
    for link in &span.links {
        writeln!(text, "  link {}/{} {:?} {:#x}", link.trace_id, link.span_id, link.trace_state, link.flags)?;
        outline_attributes(text, "    ", &link.attributes, link.attributes_dropped)?;
    }
    if span.events_dropped + span.links_dropped > 0 {
        writeln!(text, "  dropped {} events, {} links", span.events_dropped, span.links_dropped)?;
    }
    if *span.scope != model::Scope::default() {
        writeln!(text, "  scope {:?} {:?} {:?}", span.scope.name, span.scope.version, span.scope.schema_url)?;
        outline_attributes(text, "    ", &span.scope.attributes, span.scope.attributes_dropped)?;
    }
    if *span.resource != model::Resource::default() {
        writeln!(text, "  resource {:?}", span.resource.schema_url)?;
        outline_attributes(text, "    ", &span.resource.attributes, span.resource.attributes_dropped)?;
    }
    Ok(())
}

fn outline_attributes(text: &mut String, indent: &str, attributes: &Attributes, dropped: u32) -> std::fmt::Result {
    for pair in attributes {
        writeln!(text, "{indent}{} = {:?}", pair.key, pair.value)?;
    }
    if dropped > 0 {
        writeln!(text, "{indent}dropped {dropped} attributes")?;
    }
    Ok(())
}
