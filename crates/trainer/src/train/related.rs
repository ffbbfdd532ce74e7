//! What shoppers say instead of what titles say: synonyms, and what a thing is for.

use std::collections::{BTreeMap, BTreeSet};

use rust_stemmers::{Algorithm, Stemmer};

use aisle_core::text::{is_stopword, normalize, tokens};

/// Words of titles, and what shoppers say for them; written for Aisle.
const RELATED: &str = include_str!("../../data/related.tsv");
/// Occasions, recipients and places as shoppers say them, and words of the titles of what serves;
/// written for Aisle.
const OCCASIONS: &str = include_str!("../../data/occasions.tsv");

/// The phrases of titles with the phrases that shoppers say for them.
pub(super) struct Related {
    stemmer: Stemmer,
    /// What is said for a thing, and what it is for: of each the longest phrase counts by itself.
    tables: [Phrases; 2],
}

/// By the first stem of the phrase: its other stems, and what is said for it.
type Phrases = BTreeMap<String, Vec<Entry>>;

struct Entry {
    rest: Vec<String>,
    said: Vec<&'static str>,
}

impl Entry {
    /// The words of what is said, each once and in order.
    fn words(&self, of_phrase: impl Fn(&&'static str) -> Vec<String>) -> String {
        let words: BTreeSet<String> = self.said.iter().flat_map(of_phrase).collect();
        words.into_iter().collect::<Vec<_>>().join(" ")
    }
}

impl Related {
    /// The phrases that ship with the trainer.
    pub(super) fn shipped() -> Self {
        Self::read(RELATED, OCCASIONS)
    }

    /// `related` has a title's phrase and what is said for it in a line, `occasions` what is said
    /// and the titles' phrases.
    fn read(related: &'static str, occasions: &'static str) -> Self {
        let mut all = Self {
            stemmer: Stemmer::create(Algorithm::English),
            tables: [Phrases::new(), Phrases::new()],
        };
        for (words, said) in rows(related) {
            all.add(0, words, phrases(said).collect());
        }
        let mut occasions_of: BTreeMap<&'static str, Vec<&'static str>> = BTreeMap::new();
        for (said, words) in rows(occasions) {
            for words in phrases(words) {
                occasions_of.entry(words).or_default().extend(phrases(said));
            }
        }
        for (words, said) in occasions_of {
            all.add(1, words, said);
        }
        all
    }

    fn add(&mut self, table: usize, words: &str, said: Vec<&'static str>) {
        let mut stems = self.stems(words).into_iter();
        if let Some(first) = stems.next()
            && let Some(table) = self.tables.get_mut(table)
        {
            table.entry(first).or_default().push(Entry { rest: stems.collect(), said });
        }
    }

    /// What shoppers say for a text, in the order of its words, nothing twice.
    pub(super) fn of(&self, text: &str) -> Vec<&'static str> {
        let mut found: Vec<&'static str> = Vec::new();
        for table in &self.tables {
            self.collect(table, text, &mut found);
        }
        found
    }

    /// The words that a text is to be found by besides its own: for each of its phrases those that
    /// are said for it, each once. An occasion of several words is found by them as one
    /// ("gardenparty"), as search joins neighbouring words: apart, "garden" and "party" would be
    /// said of everything that a garden party needs.
    pub(super) fn sayings(&self, text: &str) -> Vec<String> {
        let [related, occasions] = &self.tables;
        let apart = |phrase: &&str| meaning(phrase);
        let as_one = |phrase: &&str| match meaning(phrase) {
            parts if parts.len() < 2 => parts,
            parts => parts.windows(2).map(<[String]>::concat).collect(),
        };
        let related = self.entries(related, text).into_iter().map(|e| e.words(apart));
        related.chain(self.entries(occasions, text).into_iter().map(|e| e.words(as_one))).collect()
    }

    fn collect(&self, table: &Phrases, text: &str, found: &mut Vec<&'static str>) {
        for phrase in self.entries(table, text).into_iter().flat_map(|entry| &entry.said) {
            if !found.contains(phrase) {
                found.push(phrase);
            }
        }
    }

    /// What the table has for the phrases of a text, in the order of its words.
    fn entries<'a>(&self, table: &'a Phrases, text: &str) -> Vec<&'a Entry> {
        let mut found = Vec::new();
        let stems = self.stems(text);
        let mut at = 0;
        while let Some(first) = stems.get(at) {
            let is_here = |entry: &&Entry| {
                stems.get(at + 1..at + 1 + entry.rest.len()) == Some(entry.rest.as_slice())
            };
            // The longest phrase: a hot water bottle is no water bottle.
            let entries = table.get(first).into_iter().flatten();
            let longest = entries.filter(is_here).max_by_key(|entry| entry.rest.len());
            found.extend(longest);
            at += 1 + longest.map_or(0, |entry| entry.rest.len());
        }
        found
    }

    fn stems(&self, text: &str) -> Vec<String> {
        tokens(&normalize(text)).map(|word| self.stemmer.stem(word).into_owned()).collect()
    }
}

/// The words of a phrase that search looks for.
fn meaning(phrase: &str) -> Vec<String> {
    tokens(&normalize(phrase)).filter(|word| !is_stopword(word)).map(str::to_owned).collect()
}

fn rows(table: &'static str) -> impl Iterator<Item = (&'static str, &'static str)> {
    table.lines().skip(1).filter_map(|line| line.split_once('\t'))
}

fn phrases(cell: &'static str) -> impl Iterator<Item = &'static str> {
    cell.split(',').map(str::trim).filter(|phrase| !phrase.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phrases_are_found_by_their_stems_and_whole() {
        let related =
            Related::read("words\trelated\ntea towel\tdish cloth, drying up\nmug\tcup\n", "");
        assert_eq!(related.of("Red Tea Towels and a Mug"), ["dish cloth", "drying up", "cup"]);
        assert_eq!(related.of("Tea for one, bath towel"), [""; 0]);
        assert_eq!(related.of("mug mugs"), ["cup"]);
        let related =
            Related::read("words\trelated\nbottle\tdrink\nhot water bottle\twarm bed\n", "");
        assert_eq!(related.of("Hot Water Bottle"), ["warm bed"]);
        let occasions = "said\twords\nwinter, cold\twater bottle, scarf\npicnic\twater bottle\n";
        let related = Related::read("words\trelated\nhot water bottle\twarm bed\n", occasions);
        assert_eq!(related.of("Hot Water Bottle"), ["warm bed", "winter", "cold", "picnic"]);
    }

    #[test]
    fn occasions_of_several_words_are_found_as_one() {
        let related = Related::read(
            "words\trelated\nparasol\tsun shade, shade\n",
            "said\twords\nsummer, day at the beach, garden party\tparasol\n",
        );
        assert_eq!(related.sayings("Pink Parasol"), ["shade sun", "daybeach gardenparty summer"]);
        assert_eq!(related.sayings("Pink Mug"), [""; 0]);
    }

    #[test]
    fn the_shipped_phrases_are_well_formed() {
        let mut seen = std::collections::BTreeSet::new();
        for line in RELATED.lines().skip(1) {
            let (words, said) = line.split_once('\t').expect(line);
            assert!(!words.is_empty() && !said.trim().is_empty(), "{line}");
            assert!(seen.insert(words), "twice: {words}");
            assert_eq!(line, line.to_lowercase(), "{line}");
        }
        assert!(seen.len() > 300);
        for line in OCCASIONS.lines().skip(1) {
            let (said, words) = line.split_once('\t').expect(line);
            assert!(phrases(said).count() > 0 && phrases(words).count() > 0, "{line}");
            assert_eq!(line, line.to_lowercase(), "{line}");
        }
    }
}
