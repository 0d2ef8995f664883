//! The figures against numbers worked out by hand.

use super::*;

fn scored(subject: &str, truth: Truth, order: &[Syndrome]) -> Scored {
    let mut values = [-5.0; Syndrome::COUNT];
    for (place, class) in order.iter().enumerate() {
        values[class.index()] = 3.0 - place as f32;
    }
    Scored { subject: subject.into(), truth, logits: Logits::new(values).unwrap() }
}

fn close(found: Option<f64>, expected: f64) {
    let found = found.expect("measurable");
    assert!((found - expected).abs() < 1e-9, "{found} for {expected}");
}

use Syndrome::{Angelman, Apert, Down, Williams};

/// Three of Down (two right, one named Williams), two of Williams (one right, one named Angelman, Williams third).
fn five() -> Vec<Scored> {
    let down = Truth::Class(Down);
    let williams = Truth::Class(Williams);
    vec![
        scored("a", down, &[Down]),
        scored("a", down, &[Down]),
        scored("b", down, &[Williams, Angelman, Apert, Down]),
        scored("c", williams, &[Williams]),
        scored("d", williams, &[Angelman, Apert, Williams]),
    ]
}

#[test]
fn classification_by_hand() {
    let found = classification(&five());
    assert_eq!((found.count, found.subjects, found.classes_measured), (5, 4, 2));
    close(found.top1.map(|s| s.value), 3.0 / 5.0);
    close(found.top3.map(|s| s.value), 4.0 / 5.0);
    close(found.balanced_accuracy, (2.0 / 3.0 + 1.0 / 2.0) / 2.0);
    // Down: 2*2 / (3 + 2) = .8; Williams: 2*1 / (2 + 2) = .5.
    close(found.macro_f1, 0.65);
    let down = &found.classes[Down.index()];
    assert_eq!((down.subjects, down.count), (2, 3));
    close(down.ppv, 1.0);
    close(found.classes[Williams.index()].ppv, 0.5);
    assert_eq!(found.confusion[Down.index()][Williams.index()], 1);
}

#[test]
fn a_class_without_subjects_is_not_measurable() {
    let found = classification(&five());
    let apert = &found.classes[Apert.index()];
    assert_eq!((apert.sensitivity, apert.ppv, apert.f1), (None, None, None));
    let angelman = &found.classes[Angelman.index()];
    assert_eq!((angelman.sensitivity, angelman.ppv), (None, Some(0.0)), "named once, wrongly");
    let nothing = classification(&[]);
    assert_eq!((nothing.top1, nothing.balanced_accuracy, nothing.macro_f1), (None, None, None));
}

#[test]
fn negatives_do_not_count_as_classes() {
    let mut all = five();
    all.push(scored("n", Truth::Unaffected, &[Down]));
    assert_eq!(classification(&all), classification(&five()));
}

#[test]
fn subjects_are_the_mean_of_their_photographs() {
    let mut photographs = five();
    photographs[1] = scored("a", Truth::Class(Down), &[Apert, Down]);
    let subjects = by_subject(&photographs);
    assert_eq!(subjects.iter().map(|s| s.subject.as_str()).collect::<Vec<_>>(), ["a", "b", "c", "d"]);
    // Down (3 + 2) / 2, Apert (-5 + 3) / 2.
    assert_eq!(subjects[0].logits.values()[Down.index()], 2.5);
    assert_eq!(subjects[0].logits.values()[Apert.index()], -1.0);
}

#[test]
fn wilson_interval_as_published() {
    // Newcombe 1998, table I: 81 of 263 gives .2553 to .3662.
    let share = Share::new(81.0 / 263.0, 263).unwrap();
    assert!((share.low - 0.2553).abs() < 5e-5 && (share.high - 0.3662).abs() < 5e-5, "{share:?}");
    // 0 of 20: 0 to .1611.
    let share = Share::new(0.0, 20).unwrap();
    assert!(share.low == 0.0 && (share.high - 0.1611).abs() < 5e-5, "{share:?}");
    assert_eq!(Share::new(0.0, 0), None);
}

#[test]
fn auroc_by_hand() {
    // Of the six pairs (3,2) (3,1) (3,3) (1,2) (1,1) (1,3), two are won and two tied: (2 + 1) / 6.
    close(auroc(&[3.0, 1.0], &[2.0, 1.0, 3.0]), 0.5);
    close(auroc(&[5.0, 4.0], &[1.0]), 1.0);
    assert_eq!(auroc(&[], &[1.0]), None);
    assert_eq!(auroc(&[1.0], &[]), None);
}

#[test]
fn threshold_refuses_at_least_what_was_asked() {
    let negatives: Vec<f32> = (0..10).map(|i| i as f32).collect();
    let threshold = specificity_threshold(&negatives, 0.9).unwrap();
    assert_eq!(negatives.iter().filter(|score| **score < threshold).count(), 9);
    assert!(threshold > 8.0 && threshold < 8.001);
    assert_eq!(specificity_threshold(&[], 0.9), None);
}

#[test]
fn refusal_keeps_kinds_apart() {
    let mut all = five();
    all.push(scored("n", Truth::Unaffected, &[]));
    all.push(scored("o", Truth::OtherCondition, &[Down]));
    let unaffected = refusal(&all, |truth| truth == Truth::Unaffected);
    assert_eq!((unaffected.subjects, unaffected.auroc), (1, Some(1.0)));
    assert_eq!(unaffected.sensitivity_at_90_specificity, Some(1.0));
    let other = refusal(&all, |truth| truth == Truth::OtherCondition);
    assert!(other.auroc.unwrap() < 1.0);
    assert_eq!(refusal(&five(), |_| true).auroc, None);
}

#[test]
fn parity_by_hand() {
    let float = five();
    let mut int8 = five();
    int8[0] = scored("a", Truth::Class(Down), &[Williams, Down]);
    let found = parity(&float, &int8).unwrap();
    assert!((found.agreement - 0.8).abs() < 1e-9);
    close(found.affected_agreement, 0.8);
    assert_eq!(found.negative_agreement, None);
    let refused = |value: f32| Scored {
        subject: "n".into(),
        truth: Truth::Unaffected,
        logits: Logits::new(std::array::from_fn(|class| if class == 3 { value } else { -9.0 })).unwrap(),
    };
    let across = parity(&[refused(0.1)], &[refused(-0.1)]).unwrap();
    assert_eq!((across.agreement, across.negative_agreement, across.affected_agreement), (0.0, Some(1.0), None));
    assert_eq!(found.largest_logit_difference, 8.0);
    close(found.top1_loss_points, 20.0);
    assert_eq!(parity(&float, &int8[1..]), None);
}
