//! Cells to bytes. Not here: the parts both directions share.

use std::collections::{BTreeMap, HashMap};

use super::bytes::{put_exemplars, put_histogram, put_text, put_varint};
use super::{EDGES_MAGIC, EdgeCells, RED_MAGIC, RedCells, VERSION};
use crate::edge::{EdgeCell, Node};
use crate::red::RedDetail;

/// Appends all cells of `edges`.
pub fn encode_edges(edges: &EdgeCells, out: &mut Vec<u8>) {
    let mut texts = Texts::default();
    let nodes = edges.series().map(|(key, _)| [texts.number(&key.client.name), texts.number(&key.server.name)]);
    let nodes: Vec<[u64; 2]> = nodes.collect();
    put_header(out, EDGES_MAGIC, &texts, edges.series().len());
    for ((key, minutes), [client, server]) in edges.series().zip(nodes) {
        put_node(out, &key.client, client);
        put_node(out, &key.server, server);
        out.push(key.connection as u8);
        put_minutes(out, minutes, put_edge_cell);
    }
}

/// Appends all cells of `red`.
pub fn encode_red(red: &RedCells, out: &mut Vec<u8>) {
    let mut texts = Texts::default();
    let names = red.series().map(|(key, _)| [texts.number(&key.service), texts.number(&key.name)]);
    let names: Vec<[u64; 2]> = names.collect();
    put_header(out, RED_MAGIC, &texts, red.series().len());
    for ((key, minutes), [service, name]) in red.series().zip(names) {
        put_varint(out, service);
        put_varint(out, name);
        out.push(key.kind as u8);
        out.push(u8::from(key.is_entry));
        put_minutes(out, minutes, put_red_cell);
    }
}

/// Distinct texts, numbered by first appearance.
#[derive(Default)]
struct Texts<'a> {
    numbers: HashMap<&'a str, u64>,
    texts: Vec<&'a str>,
}

impl<'a> Texts<'a> {
    fn number(&mut self, text: &'a str) -> u64 {
        let next = self.texts.len() as u64;
        let number = *self.numbers.entry(text).or_insert(next);
        if number == next {
            self.texts.push(text);
        }
        number
    }
}

fn put_header(out: &mut Vec<u8>, magic: [u8; 4], texts: &Texts<'_>, series: usize) {
    out.extend_from_slice(&magic);
    out.push(VERSION);
    put_varint(out, texts.texts.len() as u64);
    texts.texts.iter().for_each(|text| put_text(out, text));
    put_varint(out, series as u64);
}

fn put_node(out: &mut Vec<u8>, node: &Node, name: u64) {
    out.push(node.kind as u8);
    put_varint(out, name);
}

fn put_minutes<C>(out: &mut Vec<u8>, minutes: &BTreeMap<u32, C>, put_cell: impl Fn(&mut Vec<u8>, &C)) {
    put_varint(out, minutes.len() as u64);
    let mut next = 0;
    for (minute, cell) in minutes {
        put_varint(out, u64::from(*minute) - next);
        next = u64::from(*minute) + 1;
        put_cell(out, cell);
    }
}

fn put_edge_cell(out: &mut Vec<u8>, cell: &EdgeCell) {
    put_varint(out, cell.calls);
    put_varint(out, cell.errors);
    put_histogram(out, &cell.client);
    put_histogram(out, &cell.server);
    put_exemplars(out, &cell.exemplars);
}

fn put_red_cell(out: &mut Vec<u8>, cell: &RedDetail) {
    // Calls are the sum of the histogram and are not written.
    put_varint(out, cell.cell.errors);
    put_varint(out, cell.calls_weighted);
    put_varint(out, cell.cell.duration_sum);
    put_varint(out, cell.cell.duration_max.0);
    put_histogram(out, &cell.cell.durations);
    put_exemplars(out, &cell.exemplars);
}
