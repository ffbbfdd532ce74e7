//! Prometheus' text format, version 0.0.4.

use std::fmt::Write as _;

/// A text that families of figures are written into.
#[derive(Default)]
pub(super) struct Text(pub(super) String);

impl Text {
    /// Begins a family.
    pub(super) fn family(&mut self, name: &str, kind: &str, help: &str) {
        // Writing to a text cannot fail.
        let _ = writeln!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}");
    }

    /// A figure of the family that was begun.
    pub(super) fn sample(&mut self, name: &str, labels: &str, value: u64) {
        let braced = if labels.is_empty() { String::new() } else { format!("{{{labels}}}") };
        let _ = writeln!(self.0, "{name}{braced} {value}");
    }

    /// A whole family of one figure.
    pub(super) fn figure(&mut self, name: &str, kind: &str, help: &str, value: u64) {
        self.family(name, kind, help);
        self.sample(name, "", value);
    }

    /// A whole family of figures by one label.
    pub(super) fn by<'a>(
        &mut self,
        name: &str,
        help: &str,
        label: &str,
        values: impl IntoIterator<Item = (&'a str, u64)>,
    ) {
        self.family(name, "counter", help);
        for (value, count) in values {
            self.sample(name, &format!("{label}=\"{value}\""), count);
        }
    }
}

/// Upper bounds of the buckets, in milliseconds.
const BOUNDS_MS: [u64; 10] = [25, 50, 100, 250, 500, 1_000, 2_000, 4_000, 8_000, 16_000];

/// How long something took, again and again.
#[derive(Clone, Debug, Default)]
pub(super) struct Histogram {
    buckets: [u64; BOUNDS_MS.len()],
    count: u64,
    sum_ms: u64,
}

impl Histogram {
    /// It took so long.
    pub(super) fn add(&mut self, ms: u64) {
        self.count += 1;
        self.sum_ms = self.sum_ms.saturating_add(ms);
        let fits = BOUNDS_MS.iter().zip(&mut self.buckets);
        for (_, count) in fits.filter(|(bound, _)| ms <= **bound) {
            *count += 1;
        }
    }

    /// The family.
    pub(super) fn render(&self, text: &mut Text, name: &str, help: &str) {
        text.family(name, "histogram", help);
        for (bound, count) in BOUNDS_MS.iter().zip(&self.buckets) {
            text.sample(&format!("{name}_bucket"), &format!("le=\"{bound}\""), *count);
        }
        text.sample(&format!("{name}_bucket"), "le=\"+Inf\"", self.count);
        text.sample(&format!("{name}_sum"), "", self.sum_ms);
        text.sample(&format!("{name}_count"), "", self.count);
    }
}
