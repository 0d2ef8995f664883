//! The table of the module's documentation, row by row.

use std::time::Duration;

use lakshan_core::quality::QualityMeasures;
use lakshan_core::{Finding, Resemblance, RetakeReason, Syndrome};

use super::stage::{Stage, bundle, good, judgement, passed};
use crate::parts::{Button, Light, Press};
use crate::screen::{Action, Fault, Guidance, MenuItem, Screen};
use crate::session::{Event, FrameId, Judgement};

fn guidance(stage: &Stage) -> Guidance {
    match stage.screen() {
        Screen::Aim(aim) => aim.guidance,
        other => panic!("not aiming: {other:?}"),
    }
}

pub(super) fn is_aim(stage: &Stage) -> bool {
    matches!(stage.screen(), Screen::Aim(_))
}

pub(super) fn is_consent(stage: &Stage) -> bool {
    matches!(stage.screen(), Screen::Consent { .. })
}

pub(super) fn is_start(stage: &Stage) -> bool {
    matches!(stage.screen(), Screen::Start { .. })
}

#[test]
fn the_first_start_asks_for_a_language_and_saves_it() {
    let mut stage = Stage::new(None);
    assert_eq!(stage.screen(), Screen::Start { checks: Vec::new() });
    assert_eq!(stage.session.light(), Light::Working);
    stage.capture();
    assert!(is_start(&stage), "the test is running");
    stage.test(passed(), bundle());
    assert_eq!(stage.screen(), Screen::Language { selected: 0 });
    stage.menu();
    assert_eq!((stage.screen(), stage.session.language()), (Screen::Language { selected: 1 }, "hi"));
    stage.capture();
    assert_eq!(stage.screen(), Screen::Consent { selected: false });
    assert_eq!((stage.saved.as_slice(), stage.session.language()), (["hi".to_owned()].as_slice(), "hi"));
}

#[test]
fn lists_are_rings_and_touches_choose() {
    let mut stage = Stage::new(None);
    stage.test(passed(), bundle());
    stage.touch(Action::Previous);
    assert_eq!(stage.screen(), Screen::Language { selected: 2 });
    stage.menu();
    assert_eq!(stage.screen(), Screen::Language { selected: 0 });
    stage.touch(Action::Choose(9));
    assert_eq!(stage.screen(), Screen::Language { selected: 0 }, "there is no such entry");
    stage.touch(Action::Choose(2));
    assert!(is_consent(&stage));
    assert_eq!(stage.session.language(), "ta");
}

#[test]
fn consent_is_given_by_choice_and_never_by_the_first_press() {
    let mut stage = Stage::ready();
    stage.capture();
    assert_eq!(stage.screen(), Screen::Consent { selected: false });
    stage.capture();
    assert!(is_start(&stage), "refused");
    stage.capture();
    stage.menu();
    assert_eq!(stage.screen(), Screen::Consent { selected: true });
    stage.capture();
    assert!(is_aim(&stage));
}

#[test]
fn a_steady_face_takes_its_own_picture_and_the_best_are_judged() {
    let mut stage = Stage::aiming();
    stage.see_nothing();
    assert_eq!(guidance(&stage), Guidance::NoFace);
    let before = stage.now;
    while is_aim(&stage) {
        stage.see(good());
    }
    let took = stage.now - before;
    assert!(took >= Duration::from_secs(1) && took < Duration::from_millis(1600), "{took:?}");
    assert_eq!(stage.session.light(), Light::Working);
    // Five sharp pictures among eight.
    let mut sharp = Vec::new();
    for index in 0..8 {
        let sharpness = if index % 3 == 1 { 0.1 } else { 0.3 };
        stage.see(QualityMeasures { sharpness, ..good() });
        if index % 3 != 1 {
            sharp.push(FrameId(stage.frame));
        }
    }
    assert_eq!(stage.screen(), Screen::Working);
    assert_eq!(sharp.len(), 5);
    let generation = stage.judgements[0];
    stage.tell(Event::Judged { generation, judgement: Ok(judgement(generation)) });
    assert!(matches!(stage.screen(), Screen::Result(_)));
    assert_eq!(stage.session.thumbnail(), Some(sharp[0]), "the best, the first of equals");
}

#[test]
fn a_press_takes_the_picture_at_once_and_says_what_was_wrong() {
    let mut stage = Stage::aiming();
    let dark = QualityMeasures { mean_luma: 20.0, ..good() };
    stage.see(dark);
    stage.capture();
    assert_eq!(stage.screen(), Screen::Capture { taken: 0, wanted: 8 });
    for _ in 0..31 {
        stage.see(dark);
    }
    let Screen::Result(result) = stage.screen() else { panic!("{:?}", stage.screen()) };
    assert_eq!(result.finding, Finding::Retake(RetakeReason::TooDark));
    assert_eq!(stage.session.light(), Light::Attention);
    assert!(stage.judgements.is_empty(), "nothing is computed");
    stage.capture();
    assert!(is_aim(&stage), "again");
}

#[test]
fn another_face_during_capture_begins_it_anew() {
    for other in [(good(), (480.0, 200.0)), (QualityMeasures { inter_eye_px: 130.0, ..good() }, (300.0, 200.0))] {
        let mut stage = Stage::aiming();
        stage.see(good());
        stage.capture();
        for _ in 0..4 {
            stage.see(good());
        }
        let mut of_the_other = Vec::new();
        for _ in 0..8 {
            assert!(matches!(stage.screen(), Screen::Capture { .. }));
            stage.see_at(other.0, other.1);
            of_the_other.push(FrameId(stage.frame));
        }
        assert_eq!(stage.screen(), Screen::Working);
        assert!(of_the_other.contains(&stage.session.thumbnail.unwrap()));
    }
}

#[test]
fn a_slow_processor_gets_more_time_and_none_at_all_is_a_fault() {
    // Two pictures a second come, and every so many of them is analysed: three in six seconds, two in nine.
    for (every, judged) in [(4, 3), (9, 2)] {
        let mut stage = Stage::aiming();
        stage.see(good());
        stage.capture();
        while matches!(stage.screen(), Screen::Capture { .. }) {
            for _ in 1..every {
                stage.wait(400);
                stage.frame();
            }
            stage.wait(400);
            stage.see(good());
        }
        assert_eq!(stage.screen(), Screen::Working);
        assert_eq!(stage.kept.len(), judged, "every {every}th");
    }

    let mut stage = Stage::aiming();
    stage.see(good());
    stage.capture();
    for _ in 0..101 {
        stage.frame();
    }
    assert_eq!(stage.fault(), Some(Fault::Internal("no picture was analysed".into())));
}

#[test]
fn each_fault_has_its_instruction() {
    let cases = [
        (QualityMeasures { inter_eye_px: 20.0, mean_luma: 5.0, ..good() }, Guidance::ComeCloser),
        (QualityMeasures { inside_fraction: 0.5, ..good() }, Guidance::MoveBack),
        (QualityMeasures { mean_luma: 5.0, yaw_deg: 60.0, ..good() }, Guidance::MoreLight),
        (QualityMeasures { mean_luma: 250.0, ..good() }, Guidance::LessLight),
        (QualityMeasures { burnt_fraction: 0.5, ..good() }, Guidance::LessLight),
        (QualityMeasures { yaw_deg: -50.0, ..good() }, Guidance::LookStraight),
        (QualityMeasures { roll_deg: 60.0, ..good() }, Guidance::LookStraight),
        (QualityMeasures { sharpness: 0.01, ..good() }, Guidance::HoldStill),
    ];
    for (measures, expected) in cases {
        let mut stage = Stage::aiming();
        for _ in 0..6 {
            stage.see(measures);
        }
        assert_eq!(guidance(&stage), expected, "{measures:?}");
    }
}

#[test]
fn a_moving_face_is_told_to_hold_still() {
    let mut stage = Stage::aiming();
    for step in 0..20 {
        // 16 pixels a tenth of a second: two distances between the eyes a second.
        stage.see_at(good(), (300.0 + 16.0 * step as f32, 200.0));
    }
    assert_eq!(guidance(&stage), Guidance::HoldStill);
    // A tremor of two pixels is none.
    let mut stage = Stage::aiming();
    for step in 0..8 {
        stage.see_at(good(), (300.0 + 2.0 * (step % 2) as f32, 200.0));
    }
    assert_eq!(guidance(&stage), Guidance::Good);
}

#[test]
fn instructions_do_not_flicker() {
    let mut stage = Stage::aiming();
    let dark = QualityMeasures { mean_luma: 34.0, ..good() };
    for _ in 0..6 {
        stage.see(dark);
    }
    assert_eq!(guidance(&stage), Guidance::MoreLight);
    for _ in 0..10 {
        // Just above the threshold, then below: neither is worth a change.
        stage.see(QualityMeasures { mean_luma: 36.0, ..good() });
        stage.see(dark);
        assert_eq!(guidance(&stage), Guidance::MoreLight);
    }
    for _ in 0..3 {
        stage.see(QualityMeasures { mean_luma: 60.0, ..good() });
        assert_eq!(guidance(&stage), Guidance::MoreLight, "not yet");
    }
    stage.see(QualityMeasures { mean_luma: 60.0, ..good() });
    assert_eq!(guidance(&stage), Guidance::Good);
}

#[test]
fn a_double_press_counts_once() {
    let mut stage = Stage::ready();
    stage.capture();
    stage.now += Duration::from_millis(150);
    stage.tell(Event::Press(Button::Capture, Press::Short));
    assert!(is_consent(&stage), "the second press was meant for the start");

    let mut stage = Stage::judged();
    stage.tell(Event::Press(Button::Back, Press::Short));
    assert!(matches!(stage.screen(), Screen::Result(_)), "it was meant for the work");
    stage.back();
    assert!(is_aim(&stage));
}

#[test]
fn during_capture_and_work_only_back_counts() {
    for make in [Stage::working as fn() -> Stage, || {
        let mut stage = Stage::aiming();
        stage.see(good());
        stage.capture();
        stage
    }] {
        let mut stage = make();
        let before = stage.screen();
        for action in [Action::Confirm, Action::Menu, Action::Next, Action::Choose(0)] {
            stage.frame();
            stage.touch(action);
            assert_eq!(stage.screen(), before, "{action:?}");
        }
        stage.back();
        assert!(is_aim(&stage));
        assert!(stage.kept.is_empty(), "what was taken is wiped");
    }
}

#[test]
fn an_answer_after_back_is_dropped() {
    let mut stage = Stage::working();
    let old = stage.judgements[0];
    stage.back();
    stage.see_good(40);
    assert_eq!(stage.screen(), Screen::Working);
    stage.tell(Event::Judged { generation: old, judgement: Ok(judgement(old)) });
    assert_eq!(stage.screen(), Screen::Working, "that was about the pictures before");
    let new = stage.judgements[1];
    assert_ne!(old, new);
    stage.tell(Event::Judged { generation: new, judgement: Ok(judgement(new)) });
    let Screen::Result(result) = stage.screen() else { panic!() };
    assert_eq!(result.finding, judgement(new).finding);
    stage.tell(Event::Judged { generation: old, judgement: Ok(judgement(old)) });
    assert_eq!(stage.screen(), Screen::Result(result));
}

#[test]
fn the_result_leads_to_all_classes_and_to_what_doctors_look_for() {
    let mut stage = Stage::judged();
    stage.capture();
    let Screen::AllClasses(all) = stage.screen() else { panic!("{:?}", stage.screen()) };
    assert_eq!(all.named, [Syndrome::Down]);
    stage.capture();
    assert_eq!(stage.screen(), Screen::DoctorsLookFor { class: Syndrome::Down, page: 0 });
    stage.capture();
    assert_eq!(stage.screen(), Screen::DoctorsLookFor { class: Syndrome::Down, page: 1 });
    stage.back();
    stage.back();
    assert!(matches!(stage.screen(), Screen::Result(_)));
    let wipes = stage.wipes;
    stage.menu();
    stage.capture();
    assert!(is_consent(&stage), "the first entry is the next patient");
    assert_eq!(stage.wipes, wipes + 1);
}

#[test]
fn every_class_that_is_named_can_be_read_about() {
    let mut stage = Stage::working();
    let generation = stage.judgements[0];
    let named = [Syndrome::Williams, Syndrome::Down];
    let classes = named.map(|class| Resemblance { class, probability: 0.4 }).to_vec();
    let judgement = Judgement { finding: Finding::Resembles(classes), ..judgement(generation) };
    stage.tell(Event::Judged { generation, judgement: Ok(judgement) });
    stage.capture();
    for class in [Syndrome::Williams, Syndrome::Down, Syndrome::Williams] {
        stage.capture();
        assert_eq!(stage.screen(), Screen::DoctorsLookFor { class, page: 0 });
        stage.back();
    }

    // Where none is named, the likeliest come first.
    let mut stage = Stage::working();
    let generation = stage.judgements[0];
    let judgement = Judgement { finding: Finding::NoMatch, ..super::stage::judgement(generation) };
    let ranked = judgement.probabilities.unwrap().ranked();
    stage.tell(Event::Judged { generation, judgement: Ok(judgement) });
    stage.capture();
    for (class, _) in &ranked[..2] {
        stage.capture();
        assert_eq!(stage.screen(), Screen::DoctorsLookFor { class: *class, page: 0 });
        stage.back();
    }
}

#[test]
fn a_language_can_be_changed_over_a_result() {
    let mut stage = Stage::judged();
    let before = stage.screen();
    stage.menu();
    let Screen::Menu { items, .. } = stage.screen() else { panic!() };
    let at = items.iter().position(|item| *item == MenuItem::Language).unwrap();
    stage.touch(Action::Choose(at));
    stage.touch(Action::Choose(1));
    assert_eq!((stage.screen(), stage.session.language()), (before, "hi"));
    assert_eq!(stage.saved, ["hi"]);
    stage.tell(Event::NotSaved("the disk is full".into()));
    assert_eq!(stage.fault(), Some(Fault::Storage("the disk is full".into())));
    stage.back();
    assert!(matches!(stage.screen(), Screen::Result(_)), "nothing is lost by that");
    assert_eq!(stage.session.language(), "hi");
}

#[test]
fn the_menu_offers_what_there_is_and_gives_way() {
    let mut stage = Stage::ready();
    stage.menu();
    let Screen::Menu { items, .. } = stage.screen() else { panic!() };
    use MenuItem::{About, Language, PowerOff, RedFlags, SelfTest};
    assert_eq!(items, [RedFlags, Language, About, SelfTest, PowerOff]);
    stage.touch(Action::Choose(0));
    assert_eq!(stage.screen(), Screen::RedFlags);
    stage.menu();
    assert!(matches!(stage.screen(), Screen::Menu { .. }));
    stage.touch(Action::Choose(2));
    assert!(matches!(stage.screen(), Screen::About { page: 0, .. }));
    stage.touch(Action::Previous);
    assert!(matches!(stage.screen(), Screen::About { page: 0, .. }));
    stage.back();
    stage.back();
    assert!(is_start(&stage));
    stage.menu();
    stage.touch(Action::Choose(4));
    assert!(stage.off);
}

#[test]
fn holding_back_returns_to_the_start_from_anywhere() {
    for make in [Stage::ready as fn() -> Stage, Stage::aiming, Stage::working, Stage::judged] {
        let mut stage = make();
        stage.menu();
        stage.press(Button::Back, Press::Long);
        assert!(is_start(&stage));
        assert!(!stage.session.knows_a_patient());
    }
}
