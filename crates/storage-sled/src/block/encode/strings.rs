//! Distinct texts of the dictionary: keys, names, services, values of resources. Values of spans have their own columns.

use hashbrown::HashMap;

/// Each text once. Text 0 is the empty one.
pub(super) struct Strings<'a> {
    ids: HashMap<&'a str, u32>,
    list: Vec<&'a str>,
}

impl Default for Strings<'_> {
    fn default() -> Self {
        Strings { ids: HashMap::from_iter([("", 0)]), list: vec![""] }
    }
}

impl<'a> Strings<'a> {
    pub(super) fn intern(&mut self, text: &'a str) -> u32 {
        *self.ids.entry(text).or_insert_with(|| {
            self.list.push(text);
            self.list.len() as u32 - 1
        })
    }

    pub(super) fn get(&self, id: u32) -> &'a str {
        self.list[id as usize]
    }

    pub(super) fn list(&self) -> &[&'a str] {
        &self.list
    }
}
