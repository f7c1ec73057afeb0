//! "Did you mean": the known word nearest to a mistyped one.

/// Changes above which two words are no longer alike.
const DISTANCE_MAX: usize = 3;

/// The nearest of `known`, when it is near.
pub(crate) fn nearest<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    known
        .map(|candidate| (distance(word, candidate), candidate))
        .filter(|(distance, candidate)| *distance <= DISTANCE_MAX.min(candidate.len() / 2))
        .min()
        .map(|(_, candidate)| candidate)
}

/// Insertions, deletions and replacements that lead from `a` to `b`.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (place, from) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = place + 1;
        for (column, to) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(from != *to);
            diagonal = row[column + 1];
            row[column + 1] = replaced.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_near_word_is_suggested_and_a_far_one_is_not() {
        let known = || ["data_dir", "otlp_grpc", "http"].into_iter();
        assert_eq!(nearest("data_dri", known()), Some("data_dir"));
        assert_eq!(nearest("otlp_gprc", known()), Some("otlp_grpc"));
        assert_eq!(nearest("colour", known()), None);
    }
}
