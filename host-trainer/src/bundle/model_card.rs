//! The model card: what a bundle is for, what it was made of, how well it did, and where it must not be trusted.

use std::fmt::Write;

use lakshan_core::Syndrome;
use lakshan_core::manifest::{DataKind, FileEntry};

use super::Contents;
use crate::evidence::gates::Outcome;

/// The card of `contents`, as Markdown.
pub fn model_card(contents: &Contents) -> String {
    let mut card = format!("# Model card: {} {}\n\n", contents.name, contents.version);
    for section in [summary, gates, intended_use, data, network, performance, decisions, limits] {
        section(contents, &mut card);
        card.push('\n');
    }
    card.truncate(card.trim_end().len());
    card.push('\n');
    card
}

fn is_synthetic(contents: &Contents) -> bool {
    contents.calibration.provenance.kind == DataKind::Synthetic
}

fn summary(contents: &Contents, card: &mut String) {
    if is_synthetic(contents) {
        card.push_str("> **This network was trained on synthetic faces and has no clinical accuracy.** ");
        let _ = writeln!(
            card,
            "Every figure below is a {}.\n",
            contents.calibration.provenance.notice().unwrap_or_default()
        );
    }
    card.push_str(
        "A ResNet-50 that says which of twelve genetic syndromes a face resembles, or that it resembles none, ",
    );
    card.push_str("or that it is not clear. It shows a sign, never a diagnosis, and never says \"healthy\".\n");
}

fn intended_use(contents: &Contents, card: &mut String) {
    card.push_str("## Intended use\n\n");
    if is_synthetic(contents) {
        card.push_str("To check that the whole pipeline works: training, export, quantization, the device program. ");
        card.push_str("**Not for any use on patients.**\n\n");
        card.push_str("A bundle of the same form, trained on consented photographs of patients and clinically ");
        card.push_str("validated, would be meant for the following.\n\n");
    }
    card.push_str(
        "- By health workers, for a child who is already of concern, to decide on referral to a geneticist.\n",
    );
    card.push_str(
        "- Not for screening of the general population: at a prevalence of 1 in 1000 nearly all positives are false.\n",
    );
    card.push_str("- Not for ruling anything out: the absence of a facial sign shows nothing.\n");
    card.push_str(
        "- Red flags of heart, breathing, seizures or feeding mean referral now, whatever the network says.\n\n",
    );
    card.push_str("Classes, in output order: ");
    let names: Vec<&str> = Syndrome::ALL.into_iter().map(Syndrome::name).collect();
    let _ = writeln!(card, "{}.", names.join(", "));
}

fn data(contents: &Contents, card: &mut String) {
    let calibration = &contents.calibration;
    let _ = writeln!(card, "## Data\n\n- Provenance: {}", calibration.provenance.statement);
    let kind =
        if is_synthetic(contents) { "synthetic faces (rendered; no person exists)" } else { "patients, with consent" };
    let _ = writeln!(card, "- Kind: {kind}");
    let fit = &calibration.fit;
    let _ = writeln!(
        card,
        "- Calibrated on {} photographs of {} affected subjects and {} photographs of {} negatives (data set {}).",
        fit.affected_photographs,
        fit.affected_subjects,
        fit.negative_photographs,
        fit.negative_subjects,
        calibration.dataset
    );
    if let Some(figures) = &contents.report.onnx {
        let _ = writeln!(
            card,
            "- Tested on {} photographs of {} affected subjects and {} photographs of {} negatives (data set {}, split {}).",
            figures.photographs.count,
            figures.photographs.subjects,
            figures.refusal_all.count,
            figures.refusal_all.subjects,
            contents.report.dataset,
            contents.report.split
        );
    }
    card.push_str("- A subject is in exactly one of training, calibration and test.\n");
}

fn network(contents: &Contents, card: &mut String) {
    let file = FileEntry::of(&contents.network);
    let _ = writeln!(
        card,
        "## Network\n\nResNet-50, BatchNorm folded, static int8 (symmetric, zero point 0, weights per channel, activations \
         0..127 or 0..255 past each ReLU), {:.1} MB, SHA-256 `{}`.\n\nTraining configuration:\n\n```json\n{}\n```",
        file.bytes as f64 / 1e6,
        file.sha256,
        serde_json::to_string_pretty(&contents.training).expect("a JSON value is JSON")
    );
}

/// The tables of the report that a reader of the card needs; all of them stand in report.html.
const CARD_TABLES: [&str; 12] =
    ["T2", "T3", "T5", "T5-ppv", "T6", "T6-answers", "T7", "T8", "T8-classes", "T9", "T10-gaps", "T12"];

fn gates(contents: &Contents, card: &mut String) {
    let Some(evidence) = contents.evidence.as_ref().map(|evidence| &evidence.report) else {
        card.push_str("## Gates\n\nNot measured: this bundle was packed without a report (`evaluate --report`).\n");
        return;
    };
    let (failed, unknown, passed) = evidence.tally();
    let _ = writeln!(card, "## Gates: {failed} failed, {passed} passed, {unknown} not measurable\n");
    if let Some(notice) = &evidence.notice {
        let _ = writeln!(card, "*{notice}*\n");
    }
    card.push_str("| gate | asked | found | outcome |\n|---|---|---|---|\n");
    for gate in &evidence.gates {
        let outcome = match gate.outcome {
            Outcome::Failed => "**failed**",
            Outcome::NotMeasurable => "not measurable",
            Outcome::Passed => "passed",
        };
        let note = if gate.note.is_empty() { String::new() } else { format!(" ({})", gate.note) };
        let _ = writeln!(card, "| {}{note} | {} | {} | {outcome} |", gate.name, gate.asked, gate.found.words());
    }
}

fn performance(contents: &Contents, card: &mut String) {
    card.push_str("## Performance\n\n");
    let Some(evidence) = contents.evidence.as_ref().map(|evidence| &evidence.report) else {
        card.push_str(&contents.report.tables());
        return;
    };
    let tables = CARD_TABLES.iter().filter_map(|id| evidence.table(id));
    for (place, table) in tables.enumerate() {
        let _ = writeln!(card, "{}### {}: {}\n", if place == 0 { "" } else { "\n" }, table.id, table.title);
        if let Some(notice) = &evidence.notice {
            let _ = writeln!(card, "*{notice}*\n");
        }
        card.push_str(&table.markdown());
    }
    card.push_str("\nAll tables, plots and subgroups stand in the report (report/report.html).\n");
}

fn decisions(contents: &Contents, card: &mut String) {
    let (policy, fit) = (&contents.calibration.policy, &contents.calibration.fit);
    card.push_str("## How scores become a finding\n\n");
    if let Some(notice) = &contents.calibration.notice {
        let _ = writeln!(card, "*{notice}*\n");
    }
    card.push_str("| | |\n|---|---|\n");
    let _ = writeln!(card, "| temperature | {:.3} |", policy.temperature);
    let _ = writeln!(
        card,
        "| negative log-likelihood before and after, calibration split | {:.3}, {:.3} |",
        fit.nll_before, fit.nll_after
    );
    let bias = if policy.class_bias == [0.0; Syndrome::COUNT] { "none" } else { "fitted" };
    let _ = writeln!(card, "| bias of each class | {bias} |");
    let score = match policy.refusal_temperature {
        1.0 => "affected log-odds".to_owned(),
        0.0 => "largest logit".to_owned(),
        t => format!("energy at temperature {t:.3}"),
    };
    let _ = writeln!(card, "| refusal threshold ({score}) | {:.3} |", policy.refusal_threshold);
    let _ = writeln!(
        card,
        "| set to refuse, on the calibration split | {:.0} % of negatives, letting {:.1} % of affected through |",
        fit.specificity * 100.0,
        fit.sensitivity * 100.0
    );
    let _ = writeln!(card, "| conformal sets | alpha {:.2}, mean size {:.2} |", fit.alpha, fit.mean_set_size);
    let pooled: Vec<&str> = fit.pooled_classes.iter().map(|class| class.id()).collect();
    if !pooled.is_empty() {
        let _ = writeln!(
            card,
            "| too few calibration subjects, threshold pooled over all classes | {} |",
            pooled.join(", ")
        );
    }
}

fn limits(contents: &Contents, card: &mut String) {
    card.push_str("## Limits\n\n");
    if is_synthetic(contents) {
        card.push_str(
            "- Trained and tested on renderings: nothing here says how it does on a photograph of a person.\n",
        );
        card.push_str(
            "- The renderings show only signs that a mesh and a texture can show, each as often as published.\n",
        );
    }
    card.push_str("- Fragile X, Sotos, Angelman and 22q11.2 are weak from the face alone, above all in infants.\n");
    card.push_str("- Marfan: a face can neither clear nor raise the question of the aorta.\n");
    card.push_str("- Turner syndrome affects girls and women only; the network is not told the sex.\n");
    card.push_str("- Accuracy by camera is not known. ");
    card.push_str(match &contents.evidence {
        Some(_) => {
            "By age, sex, ancestry and skin tone it stands in table T10 of the report; it must be known before use.\n"
        }
        None => "By age, sex, ancestry and skin tone it is not known either, and must be before use.\n",
    });
}
