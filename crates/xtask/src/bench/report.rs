//! The result as a table: printed, and in `docs/benchmarks.md` in a section of its own workload. Measures nothing.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use super::ask::Asked;
use super::options::Options;
use super::percentile::Percentiles;
use super::run::{Loaded, Restarted};
use super::truth::Truth;
use super::workload::Name;

/// Above it, others took so much of the machine that times are pessimistic; cores.
const OTHERS_MAX: f64 = 0.1;
/// Folders with less than so many bytes per span are left out.
const SPLIT_SHOWN_MIN: f64 = 0.01;
/// What the server does not offer, so nobody asks for it. A line goes when the question comes.
const NOT_OFFERED: [&str; 2] = ["Q1 with a time hint: the trace paths take none", "Q10 attribute keys and values"];

/// One line of the table.
pub(super) struct Line {
    what: String,
    value: String,
    goal: String,
    verdict: &'static str,
}

/// Everything that was measured.
pub(super) struct Results<'a> {
    pub(super) options: &'a Options,
    pub(super) host: String,
    pub(super) truth: &'a Truth,
    pub(super) flood: Option<Loaded>,
    pub(super) loaded: Loaded,
    pub(super) asked: Vec<Asked>,
    pub(super) asked_after_kill: Vec<Asked>,
    pub(super) restarted: Restarted,
    pub(super) rss_end: u64,
}

impl Results<'_> {
    pub(super) fn wrong_answers(&self) -> usize {
        self.asked.iter().chain(&self.asked_after_kill).map(|asked| asked.wrong).sum()
    }

    fn lines(&self) -> Vec<Line> {
        let mut table = Table { lines: Vec::new(), has_goals: self.options.name == Name::W1 };
        if let Some(flood) = &self.flood {
            self.flood_lines(&mut table, flood);
        }
        self.load_lines(&mut table);
        self.store_lines(&mut table);
        self.query_lines(&mut table);
        table.lines
    }

    /// Seconds; to unpack gzip costs.
    fn cpu_goal(&self) -> f64 {
        if self.options.is_gzip { 5.6 } else { 4.0 }
    }

    fn flood_lines(&self, table: &mut Table, flood: &Loaded) {
        let rate = flood.rate();
        table.at_least("as fast as answered: acknowledged", rate / 1e3, "k spans/s", Some(100.0));
        table.at_most(
            "as fast as answered: server CPU per million spans, settled",
            flood.per_million(flood.cpu_settled),
            "s",
            Some(self.cpu_goal()),
        );
        table.text("as fast as answered: ack p50 / p99", spread(&Percentiles::of(flood.sent.latencies.clone())));
        table.text("as fast as answered: refusals", refusals(flood));
        table.text("as fast as answered: others' part of the machine", format!("{:.2} cores", flood.others));
    }

    fn load_lines(&self, table: &mut Table) {
        let loaded = &self.loaded;
        let ack = Percentiles::of(loaded.sent.latencies.clone());
        let rate = loaded.rate();
        let aim =
            if self.options.rate == 0 { "unlimited".to_owned() } else { format!("{} k", self.options.rate / 1_000) };
        table.text("spans sent per second: wanted / acknowledged", format!("{aim} / {:.1} k", rate / 1e3));
        table.at_most("server CPU per million spans, at ack", loaded.per_million(loaded.cpu_at_ack), "s", None);
        table.at_most(
            "server CPU per million spans, settled",
            loaded.per_million(loaded.cpu_settled),
            "s",
            Some(self.cpu_goal()),
        );
        let settled =
            loaded.settled_after.map_or("not in time".to_owned(), |after| format!("{:.0} s", after.as_secs_f64()));
        table.text("settled after the last ack", settled);
        table.text("sender CPU per million spans", format!("{:.2} s", loaded.per_million(loaded.cpu_sender)));
        table.text("others' part of the machine meanwhile", format!("{:.2} cores", loaded.others));
        table.text("ack p50", millis(ack.p50));
        table.at_most("ack p99", ack.p99 as f64 / 1e6, "ms", Some(100.0));
        table.text("ack p99.9", millis(ack.p999));
        table.text("refusals", refusals(loaded));
        let found = Percentiles::of(loaded.probes.clone());
        table.text(&format!("ack to found by search, p50 of {} probes", loaded.probes.len()), millis(found.p50));
        table.at_most("ack to found by search, p99", found.p99 as f64 / 1e6, "ms", Some(1_000.0));
    }

    fn store_lines(&self, table: &mut Table) {
        let loaded = &self.loaded;
        let (disk, otlp) = (loaded.disk_bytes as f64, self.truth.bytes as f64);
        table.at_most("bytes per span on disk", disk / self.truth.spans as f64, "B", Some(36.0));
        table.text(
            "OTLP bytes per span; ratio to disk",
            format!("{:.0} B; {:.1} ×", otlp / self.truth.spans as f64, otlp / disk),
        );
        let spans = self.truth.spans as f64;
        let split = loaded.disk_split.iter().filter(|(_, bytes)| **bytes as f64 >= SPLIT_SHOWN_MIN * spans);
        let split: Vec<String> =
            split.map(|(name, bytes)| format!("{name} {}", shown(*bytes as f64 / spans, "B"))).collect();
        table.text("the same by folder of the store", split.join(", "));
        let stopped = self.restarted.disk_bytes_stopped as f64 / spans;
        table.text("bytes per span on disk after a clean stop", shown(stopped, "B"));
        let ballast = format!("{:.0} MB", loaded.ballast_bytes as f64 / 1e6);
        table.text("held for a full disk, in no number above", ballast);
        let written = loaded.written_bytes as f64;
        table.text(
            "written to disk, per byte on it; per OTLP byte",
            format!("{:.2} ×; {:.2} ×", written / disk, written / otlp),
        );
        table.at_most("RSS, peak of the load", loaded.memory.peak as f64 / 1e6, "MB", Some(500.0));
        table.text(
            "RSS, settled; after the questions",
            format!("{:.0} MB; {:.0} MB", loaded.memory.now as f64 / 1e6, self.rss_end as f64 / 1e6),
        );
        let back = &self.restarted;
        table.text("clean stop", format!("{:.2} s", back.stopped_after.as_secs_f64()));
        table.at_most("ready after a clean stop", back.ready_clean.as_secs_f64(), "s", Some(2.0));
        table.at_most("ready after kill -9 under load", back.ready_killed.as_secs_f64(), "s", Some(5.0));
        let ledger = format!("none of {} ({} had no answer)", back.acknowledged_at_kill, back.unknown_at_kill);
        table.text("acknowledged spans lost or doubled by the kill", ledger);
    }

    fn query_lines(&self, table: &mut Table) {
        for asked in &self.asked {
            let kind = asked.name.split(' ').next().unwrap_or_default();
            let goal = match kind {
                "Q1" => Some(10.0),
                "Q5" => Some(100.0),
                "Q7" => Some(50.0),
                "Q8" | "Q9" => Some(20.0),
                _ => None,
            };
            let p99 = asked.times.p99 as f64 / 1e6;
            table.at_most(&format!("{}: p99 of {}", asked.name, asked.samples), p99, "ms", goal);
            if let Some(line) = table.lines.last_mut() {
                line.value = format!("p50 {}, p99 {}", millis(asked.times.p50), line.value);
                if asked.wrong > 0 {
                    line.verdict = "**WRONG**";
                    line.value += &format!("; {} answers wrong", asked.wrong);
                }
            }
        }
        let again: usize = self.asked_after_kill.iter().map(|asked| asked.samples).sum();
        let wrong: usize = self.asked_after_kill.iter().map(|asked| asked.wrong).sum();
        table.text("the same questions after the kill", format!("{again} asked, {wrong} answered wrongly"));
    }

    fn markdown(&self) -> String {
        let options = self.options;
        let mut text = format!("## Workload {}\n\n{}.\n", options.name.word().to_uppercase(), self.host);
        text += &format!(
            "{} spans in {} traces and {} requests, hash of the bodies `{:016x}`; sender and questions on the same machine.\n",
            self.truth.spans, self.truth.traces, self.truth.requests, self.truth.hash
        );
        text += &format!("Command: `{}`.\n", options.command());
        if options.binary.is_some() {
            text += "The binary was named by its path: the commit is that of the sources beside it.\n";
        }
        if !options.serve_flags.is_empty() {
            text += &format!("Flags of the server: `{}`.\n", options.serve_flags.join(" "));
        }
        let others = self.loaded.others.max(self.flood.as_ref().map_or(0.0, |flood| flood.others));
        if others > OTHERS_MAX {
            text += "**The machine was busy with other work**: bytes and counts hold, times and processor seconds are pessimistic.\n";
        }
        if let Some(note) = &options.note {
            text += &format!("{note}\n");
        }
        if options.name == Name::W1 {
            text += "Goals are stated for a quiet machine, and for questions and memory with ten million spans.\n";
        }
        text += "\n";
        text += "| what | measured | goal | |\n|---|---|---|---|\n";
        for line in self.lines() {
            text += &format!("| {} | {} | {} | {} |\n", line.what, line.value, line.goal, line.verdict);
        }
        text + &format!("\nNot offered by this server, so not asked: {}.\n", NOT_OFFERED.join("; "))
    }

    /// Says the table, and keeps it when asked.
    pub(super) fn tell(&self, page: &Path) -> Result<()> {
        let section = self.markdown();
        println!("\n{section}");
        if self.options.records {
            let text = fs::read_to_string(page).with_context(|| format!("cannot read {}", page.display()))?;
            let mark = mark_of(self.options);
            fs::write(page, with_section(&text, &mark, &section))?;
            println!("recorded in {}", page.display());
        }
        Ok(())
    }
}

struct Table {
    lines: Vec<Line>,
    has_goals: bool,
}

impl Table {
    fn text(&mut self, what: &str, value: String) {
        self.lines.push(Line { what: what.to_owned(), value, goal: String::new(), verdict: "" });
    }

    fn at_most(&mut self, what: &str, value: f64, unit: &str, goal: Option<f64>) {
        self.judged(what, value, unit, goal.map(|goal| ("≤", goal, value <= goal)));
    }

    fn at_least(&mut self, what: &str, value: f64, unit: &str, goal: Option<f64>) {
        self.judged(what, value, unit, goal.map(|goal| ("≥", goal, value >= goal)));
    }

    fn judged(&mut self, what: &str, value: f64, unit: &str, goal: Option<(&str, f64, bool)>) {
        self.text(what, shown(value, unit));
        if let Some((sign, goal, is_met)) = goal.filter(|_| self.has_goals)
            && let Some(line) = self.lines.last_mut()
        {
            line.goal = format!("{sign} {goal} {unit}");
            line.verdict = if is_met { "" } else { "**missed**" };
        }
    }
}

fn shown(value: f64, unit: &str) -> String {
    match value {
        100.0.. => format!("{value:.0} {unit}"),
        10.0.. => format!("{value:.1} {unit}"),
        _ => format!("{value:.2} {unit}"),
    }
}

fn millis(nanos: u64) -> String {
    shown(nanos as f64 / 1e6, "ms")
}

fn spread(times: &Percentiles) -> String {
    format!("{} / {}", millis(times.p50), millis(times.p99))
}

fn refusals(loaded: &Loaded) -> String {
    let sent = &loaded.sent;
    let mut words: Vec<String> = sent.refusals.iter().map(|(status, count)| format!("{count} with {status}")).collect();
    if sent.partial > 0 {
        words.push(format!("{} requests partly", sent.partial));
    }
    if sent.reconnects > 0 {
        words.push(format!("{} connections opened anew", sent.reconnects));
    }
    if words.is_empty() { "none".to_owned() } else { words.join(", ") }
}

/// Packed bodies are another workload.
fn mark_of(options: &Options) -> String {
    let packed = if options.is_gzip { "-gzip" } else { "" };
    format!("bench {}{packed}", options.name.word())
}

/// The page with the section between its marks: in the place of the old one, or at the end.
fn with_section(page: &str, mark: &str, section: &str) -> String {
    let (begin, end) = (format!("<!-- {mark} -->\n"), format!("<!-- end of {mark} -->\n"));
    let whole = format!("{begin}{section}{end}");
    let around = page.split_once(&begin).and_then(|(before, rest)| Some((before, rest.split_once(&end)?.1)));
    match around {
        Some((before, after)) => format!("{before}{whole}{after}"),
        None => format!("{}\n\n{whole}", page.trim_end()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn section_takes_the_place_of_its_older_self_alone() {
        let page = with_section("# Benchmarks\n", "bench w1", "one\n");
        let page = with_section(&page, "bench w5", "five\n");
        let again = with_section(&page, "bench w1", "uno\n");
        assert_eq!(again, page.replace("one\n", "uno\n"));
        assert!(again.starts_with("# Benchmarks\n\n<!-- bench w1 -->\nuno\n<!-- end of bench w1 -->\n"));
    }

    #[test]
    fn goal_is_missed_on_its_wrong_side_only() {
        let mut table = Table { lines: Vec::new(), has_goals: true };
        table.at_most("a", 4.0, "s", Some(4.0));
        table.at_most("b", 4.01, "s", Some(4.0));
        table.at_least("c", 99.0, "k", Some(100.0));
        table.at_least("d", 99.0, "k", None);
        let missed: Vec<bool> = table.lines.iter().map(|line| !line.verdict.is_empty()).collect();
        assert_eq!(missed, [false, true, true, false]);
    }
}
