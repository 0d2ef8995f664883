//! The findings for people: words first, then all twelve classes as bars, then where, how long and by what.

use std::io::{self, Write};
use std::path::Path;
use std::time::Duration;

use lakshan_core::Finding;
use lakshan_core::manifest::Manifest;

use super::Classified;
use crate::band::Band;
use crate::text::{Message, Texts};

/// Length of a full bar, in characters.
const BAR_LENGTH: usize = 30;
/// Width of the labels below the bars, in characters.
const LABEL_WIDTH: usize = 8;

/// Writes one photograph's block, ending in an empty line.
pub(super) fn write(
    out: &mut impl Write,
    photo: &Path,
    found: &Classified,
    manifest: &Manifest,
    texts: &Texts,
) -> io::Result<()> {
    let screening = &found.screening;
    writeln!(out, "{}", photo.display())?;
    writeln!(out, "  {}", headline(&screening.finding, texts))?;
    if let Some((_, probabilities)) = screening.scores {
        writeln!(out)?;
        let ranked = probabilities.ranked().map(|(class, probability)| (texts.class_name(class), probability));
        let width = ranked.iter().map(|(name, _)| name.chars().count()).max().unwrap_or_default();
        for (name, probability) in ranked {
            let percent = f64::from(probability) * 100.0;
            writeln!(out, "  {name:<width$}  {}  {percent:5.1} %", bar(probability))?;
        }
    }
    writeln!(out)?;
    let mut line = |label: Message, words: &str| writeln!(out, "  {:<LABEL_WIDTH$} {words}", texts.get(label));
    line(Message::LabelNext, &texts.next_step(&screening.finding))?;
    line(Message::LabelFace, &face_words(found, texts))?;
    line(Message::LabelTime, &time_words(found, texts))?;
    let provenance = &manifest.provenance.statement;
    line(Message::LabelBundle, &format!("{} {}: {provenance}", manifest.name, manifest.version))?;
    if manifest.provenance.notice().is_some() {
        line(Message::LabelNotice, &texts.get(Message::NoticeSynthetic))?;
    }
    line(Message::LabelRemark, &texts.get(Message::Disclaimer))?;
    writeln!(out)
}

/// The finding, with the band of its first class.
fn headline(finding: &Finding, texts: &Texts) -> String {
    let words = texts.finding(finding);
    match finding {
        Finding::Resembles(classes) if !classes.is_empty() => {
            format!("{words} ({})", texts.get(Band::of(classes[0].probability).message()))
        }
        _ => words,
    }
}

fn face_words(found: &Classified, texts: &Texts) -> String {
    let Some(face) = found.screening.face else { return texts.get(Message::FaceNone) };
    let [x, y, width, height] =
        [face.bounds.x, face.bounds.y, face.bounds.width, face.bounds.height].map(|value| format!("{value:.0}"));
    let score = format!("{:.2}", face.score);
    let arguments = [("x", &x), ("y", &y), ("width", &width), ("height", &height), ("score", &score)];
    texts.with(Message::FaceAt, &arguments.map(|(name, value)| (name, value.as_str())))
}

fn time_words(found: &Classified, texts: &Texts) -> String {
    let durations = found.screening.durations;
    let words = |duration: Option<Duration>| match duration {
        Some(duration) => format!("{:.1} ms", duration.as_secs_f64() * 1e3),
        None => texts.get(Message::TimeNotRun),
    };
    let stages = [
        ("decode", words(Some(found.decode))),
        ("detect", words(Some(durations.detect))),
        ("crop", words(durations.crop)),
        ("infer", words(durations.infer)),
        ("total", words(Some(found.total))),
    ];
    let arguments: Vec<(&'static str, &str)> = stages.iter().map(|(name, value)| (*name, value.as_str())).collect();
    texts.with(Message::TimeStages, &arguments)
}

/// A bar of [`BAR_LENGTH`] characters, to an eighth of a character.
fn bar(share: f32) -> String {
    let eighths = (share.clamp(0.0, 1.0) * (BAR_LENGTH * 8) as f32).round() as usize;
    let mut bar = "█".repeat(eighths / 8);
    if !eighths.is_multiple_of(8) {
        bar.push(['▏', '▎', '▍', '▌', '▋', '▊', '▉'][eighths % 8 - 1]);
    }
    let filled = bar.chars().count();
    bar.extend(std::iter::repeat_n('·', BAR_LENGTH - filled));
    bar
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_are_as_long_as_their_share() {
        assert_eq!(bar(0.0), "·".repeat(30));
        assert_eq!(bar(1.0), "█".repeat(30));
        assert_eq!(bar(0.5), format!("{}{}", "█".repeat(15), "·".repeat(15)));
        assert_eq!(bar(0.5 + 1.0 / 240.0).chars().nth(15), Some('▏'));
        assert!([0.01, 0.33, 0.999].iter().all(|share| bar(*share).chars().count() == 30));
    }
}
