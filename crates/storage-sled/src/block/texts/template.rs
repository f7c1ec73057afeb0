//! Texts that are alike but for their numbers, such as statements, addresses of pages and stack traces: each wording once, and the
//! numbers as numbers. Only numbers that differ count: those that are the same in all texts of a wording stay in it.

use std::io;
use std::ops::Range;

use hashbrown::HashMap;

use super::super::bytes::Cursor;
use super::super::error::BlockError;
use super::super::pack::{Packer, unpacked_max};
use super::super::planes;
use super::{Texts, decimal, put_list, take_list};

/// Stands for a number. Texts in which it occurs have no template.
const MARK: u8 = 0;

/// Bytes that a processor compares at once.
const STEP_BYTES: usize = 16;

/// Fewer texts are not looked at.
const TEXTS_MIN: usize = 64;

/// After so many texts no more than so many of a hundred may have a wording of their own, or it is not worth going on. Not all at
/// once: a few hundred wordings at random are mostly different at first, too.
const GIVE_UP: [(usize, usize); 2] = [(512, 90), (2_048, 50)];

/// What some texts come down to.
pub(super) struct Templates {
    list: Vec<Vec<u8>>,
    /// The template of each text.
    codes: Vec<u64>,
    /// The first numbers of all texts that have one, then the second ones, and so on.
    slots: Vec<Vec<u64>>,
}

/// The texts of one wording.
struct Wording {
    /// With all numbers marked.
    text: Vec<u8>,
    /// Where the numbers of its first text lie.
    first: Range<usize>,
    /// Which of them are not the same in all its texts.
    varies: Vec<bool>,
}

/// Wording and numbers of each text.
#[derive(Default)]
struct Read {
    wordings: Vec<Wording>,
    codes: Vec<u32>,
    /// Of all texts, one after the other.
    numbers: Vec<u64>,
}

/// `None` when there is little to gain.
pub(super) fn shrink(texts: &[&[u8]]) -> Option<Templates> {
    if texts.len() < TEXTS_MIN {
        return None;
    }
    let read = read(texts)?;
    let templates = read.templates();
    let bytes: usize = texts.iter().map(|text| text.len()).sum();
    let templates_bytes: usize = templates.list.iter().map(Vec::len).sum();
    let numbers: usize = templates.slots.iter().map(Vec::len).sum();
    let gains = templates_bytes + numbers * size_of::<u64>() < bytes / 4 * 3;
    gains.then_some(templates)
}

/// Appends them; `false` and nothing when no reader would believe how much they unpack to.
pub(super) fn put(
    mut packer: Option<&mut Packer>,
    out: &mut Vec<u8>,
    templates: &Templates,
    bytes: usize,
) -> io::Result<bool> {
    let before = out.len();
    let list: Vec<&[u8]> = templates.list.iter().map(Vec::as_slice).collect();
    put_list(packer.as_deref_mut(), out, &list)?;
    planes::put(packer.as_deref_mut(), out, &templates.codes)?;
    for slot in &templates.slots {
        planes::put_either(packer.as_deref_mut(), out, slot)?;
    }
    let is_believable = bytes <= unpacked_max(out.len() - before);
    if !is_believable {
        out.truncate(before);
    }
    Ok(is_believable)
}

/// The texts again.
pub(super) fn take(cursor: &mut Cursor<'_>, count: usize) -> Result<Texts, BlockError> {
    let bytes_max = unpacked_max(cursor.remaining());
    let list = take_list(cursor)?;
    let marks = |index: usize| list.get(index).map(|text| text.iter().filter(|byte| **byte == MARK).count());
    let marks: Vec<usize> = (0..list.len()).filter_map(marks).collect();
    let codes = planes::take(cursor, count)?;
    // How many texts have so many numbers and no more.
    let mut counts = vec![0usize; marks.iter().max().map_or(0, |most| most + 1)];
    let mut numbers = 0usize;
    for code in &codes {
        let marks = *marks.get(*code as usize).ok_or(cursor.invalid())?;
        counts[marks] += 1;
        numbers = numbers.saturating_add(marks);
    }
    // Each number is a digit at least.
    if numbers > bytes_max {
        return Err(cursor.invalid());
    }
    let mut left = count;
    let mut slots = Vec::with_capacity(counts.len());
    for with_fewer in counts.iter().take(counts.len().saturating_sub(1)) {
        left -= with_fewer;
        slots.push(planes::take(cursor, left)?.into_iter());
    }
    let mut texts = Texts { bytes: Vec::new(), ends: Vec::with_capacity(count) };
    for code in codes {
        let template = list.get(code as usize).ok_or(cursor.invalid())?;
        let mut pieces = template.split(|byte| *byte == MARK);
        texts.bytes.extend_from_slice(pieces.next().unwrap_or_default());
        for (piece, slot) in pieces.zip(&mut slots) {
            decimal::push(&mut texts.bytes, slot.next().ok_or(cursor.invalid())?);
            texts.bytes.extend_from_slice(piece);
        }
        if texts.bytes.len() > bytes_max {
            return Err(cursor.invalid());
        }
        texts.ends.push(texts.bytes.len());
    }
    Ok(texts)
}

fn read(texts: &[&[u8]]) -> Option<Read> {
    let mut read = Read { codes: Vec::with_capacity(texts.len()), ..Read::default() };
    let mut known: HashMap<Vec<u8>, u32> = HashMap::new();
    let mut wording = Vec::new();
    for text in texts {
        let first = read.numbers.len();
        wording.clear();
        split(text, &mut wording, &mut read.numbers)?;
        let numbers = first..read.numbers.len();
        let code = match known.get(&wording) {
            Some(code) => *code,
            None => {
                let code = read.wordings.len() as u32;
                known.insert(wording.clone(), code);
                let varies = vec![false; numbers.len()];
                read.wordings.push(Wording { text: wording.clone(), first: numbers.clone(), varies });
                code
            }
        };
        let of_wording = &mut read.wordings[code as usize];
        for (place, varies) in of_wording.varies.iter_mut().enumerate() {
            *varies |= read.numbers[of_wording.first.start + place] != read.numbers[numbers.start + place];
        }
        read.codes.push(code);
        let step = GIVE_UP.iter().find(|(count, _)| *count == read.codes.len());
        if step.is_some_and(|(count, share)| read.wordings.len() * 100 > count * share) {
            return None;
        }
    }
    Some(read)
}

/// Appends `text` with its numbers marked, and the numbers. `None` when it holds a mark itself.
fn split(text: &[u8], wording: &mut Vec<u8>, numbers: &mut Vec<u64>) -> Option<()> {
    let mut rest = text;
    while let Some(at) = next_stop(rest) {
        let (before, from) = rest.split_at(at);
        wording.extend_from_slice(before);
        let digits = from.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(from.len());
        let (digits, after) = from.split_at(digits);
        match decimal::number(digits) {
            Some(number) => {
                numbers.push(number);
                wording.push(MARK);
            }
            None if digits.is_empty() => return None,
            None => wording.extend_from_slice(digits),
        }
        rest = after;
    }
    wording.extend_from_slice(rest);
    Some(())
}

/// Where the first digit or mark is. Most of a text is neither, so steps are looked at as a whole.
fn next_stop(text: &[u8]) -> Option<usize> {
    let is_stop = |byte: &u8| byte.is_ascii_digit() | (*byte == MARK);
    let has_stop = |step: &&[u8; STEP_BYTES]| step.iter().fold(false, |any, byte| any | is_stop(byte));
    let skipped = text.as_chunks().0.iter().take_while(|step| !has_stop(step)).count() * STEP_BYTES;
    text[skipped..].iter().position(is_stop).map(|at| skipped + at)
}

impl Read {
    fn templates(&self) -> Templates {
        let list = self.wordings.iter().map(|wording| self.template(wording)).collect();
        let most = self.wordings.iter().map(|wording| wording.varies.iter().filter(|varies| **varies).count()).max();
        let mut slots = vec![Vec::new(); most.unwrap_or(0)];
        let mut at = 0;
        for code in &self.codes {
            let varies = &self.wordings[*code as usize].varies;
            let numbers = self.numbers[at..at + varies.len()].iter().zip(varies);
            at += varies.len();
            let varying = numbers.filter(|(_, varies)| **varies).map(|(number, _)| *number);
            slots.iter_mut().zip(varying).for_each(|(slot, number)| slot.push(number));
        }
        Templates { list, codes: self.codes.iter().map(|code| (*code).into()).collect(), slots }
    }

    /// Numbers that never vary are printed again.
    fn template(&self, wording: &Wording) -> Vec<u8> {
        let mut template = Vec::with_capacity(wording.text.len());
        let mut numbers = self.numbers[wording.first.clone()].iter().zip(&wording.varies);
        for byte in &wording.text {
            match (*byte == MARK).then(|| numbers.next()).flatten() {
                Some((number, false)) => decimal::push(&mut template, *number),
                Some((_, true)) => template.push(MARK),
                None => template.push(*byte),
            }
        }
        template
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Bytes of the templates, after the texts came back.
    fn check(texts: &[String]) -> Option<usize> {
        let texts: Vec<&[u8]> = texts.iter().map(|text| text.as_bytes()).collect();
        let templates = shrink(&texts)?;
        let bytes = texts.iter().map(|text| text.len()).sum();
        let mut out = Vec::new();
        assert!(put(Packer::new().ok().as_mut(), &mut out, &templates, bytes).expect("zstd works"));
        let mut cursor = Cursor::new(&out, "test");
        let back = take(&mut cursor, texts.len()).expect("own bytes");
        assert!((0..texts.len()).all(|index| back.get(index) == Some(texts[index])));
        assert!(cursor.finish().is_ok());
        Some(out.len())
    }

    fn statement(number: u64) -> String {
        let table = number % 7;
        format!("SELECT t0.a, t{table}.b FROM t{table} WHERE id = {} AND x = '007' LIMIT 20", number * 7_919 % 65_536)
    }

    #[test]
    fn statements_that_differ_in_a_number_take_the_room_of_the_number() {
        let texts: Vec<String> = (0..2_000).map(statement).collect();
        let bytes = check(&texts).expect("of seven wordings");
        assert!(bytes < 2_000 * 5 / 2, "{bytes} bytes of 2,000 texts with sixteen bits each");
    }

    #[test]
    fn what_shares_no_wording_has_no_templates() {
        let words =
            |number: u64| format!("{:x}", u128::from(number).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c834));
        assert_eq!(check(&(1..2_000).map(words).collect::<Vec<_>>()), None, "digits among letters, everywhere else");
        assert_eq!(check(&vec!["few 1 and the same".to_owned(); TEXTS_MIN - 1]), None);
        assert_eq!(check(&vec!["a\0 1 that is marked already".to_owned(); 100]), None);
    }

    proptest! {
        #[test]
        fn any_alike_texts_come_back(
            texts in proptest::collection::vec(
                (prop_oneof!["[a-c]{8} [0-9]{1,3} b", "é {20}[0-9]{18,22}", "long text [0-9]{1,2}a[0-9]{1,2}"], any::<u64>()),
                TEXTS_MIN..200,
            ),
            repeats in 1usize..8,
        ) {
            let texts: Vec<String> = texts.iter().map(|(text, number)| format!("{text}/{}", number >> 60)).collect();
            check(&texts);
            check(&texts.iter().flat_map(|text| std::iter::repeat_n(text.clone(), repeats)).collect::<Vec<_>>());
        }

        #[test]
        fn no_bytes_panic(noise: Vec<u8>, count in 0usize..2_000) {
            if let Ok(texts) = take(&mut Cursor::new(&noise, "test"), count) {
                prop_assert_eq!(texts.len(), count);
            }
        }
    }
}
