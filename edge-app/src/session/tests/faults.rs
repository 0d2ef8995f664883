//! The rows of the table in which something goes wrong: idleness, camera, bundle, self-test, memory, what falls over.

use std::time::Duration;

use super::stage::{IDLE, Stage, all_but, bundle, good, judgement, passed};
use super::table::{is_aim, is_consent, is_start};
use crate::parts::{Button, Light, Press};
use crate::screen::{Action, Fault, MenuItem, Screen};
use crate::self_test::{Outcome, Part};
use crate::session::{Effect, Event, FrameId, MAX_PICTURE_AGE, SILENCE, Sight, WORK_LIMIT};
use lakshan_core::quality::QualityMeasures;

#[test]
fn idleness_wipes() {
    let mut stage = Stage::judged();
    let wipes = stage.wipes;
    stage.wait(IDLE.as_millis() as u64 - 1);
    assert!(matches!(stage.screen(), Screen::Result(_)));
    stage.wait(1);
    assert!(is_start(&stage));
    assert_eq!(stage.wipes, wipes + 1);
    assert!(!stage.session.knows_a_patient());
    stage.wait(10 * IDLE.as_millis() as u64);
    assert_eq!(stage.wipes, wipes + 1, "there is nothing more to wipe");
}

#[test]
fn a_face_while_aiming_is_no_idleness() {
    let mut stage = Stage::aiming();
    for _ in 0..IDLE.as_secs() * 11 {
        stage.see(QualityMeasures { mean_luma: 10.0, ..good() });
    }
    assert!(is_aim(&stage));
    for _ in 0..IDLE.as_secs() * 11 {
        stage.see_nothing();
    }
    assert!(is_start(&stage));
}

#[test]
fn a_camera_that_is_lost_is_told_where_it_matters() {
    // Aim and capture end in the fault, and the next picture leads back to the same patient.
    for press in [false, true] {
        let mut stage = Stage::aiming();
        stage.see(good());
        if press {
            stage.capture();
            stage.see(good());
        }
        stage.tell(Event::CameraLost);
        assert_eq!(stage.fault(), Some(Fault::CameraLost));
        assert_eq!(stage.session.light(), Light::Fault);
        assert!(stage.kept.is_empty());
        stage.frame();
        assert!(is_aim(&stage), "back by itself");
    }
    // Everywhere else nothing changes, until somebody wants to aim.
    for make in [Stage::ready as fn() -> Stage, Stage::working, Stage::judged] {
        let mut stage = make();
        stage.frame();
        let before = stage.screen();
        stage.tell(Event::CameraLost);
        assert_eq!(stage.screen(), before);
    }
    let mut stage = Stage::working();
    stage.tell(Event::CameraLost);
    let generation = stage.judgements[0];
    stage.tell(Event::Judged { generation, judgement: Ok(judgement(generation)) });
    assert!(matches!(stage.screen(), Screen::Result(_)), "its faces were in memory");
    stage.back();
    assert_eq!(stage.fault(), Some(Fault::CameraLost));
    stage.back();
    assert!(is_start(&stage));
}

#[test]
fn a_silent_camera_is_lost_within_a_second_and_its_picture_goes_first() {
    let mut stage = Stage::aiming();
    stage.see(good());
    let last = stage.now;
    assert_eq!(stage.session.picture(stage.now), Some(FrameId(stage.frame)));
    assert_eq!(stage.session.picture(last + MAX_PICTURE_AGE), Some(FrameId(stage.frame)));
    assert_eq!(stage.session.picture(last + MAX_PICTURE_AGE + Duration::from_millis(1)), None);
    stage.wait(SILENCE.as_millis() as u64);
    assert!(is_aim(&stage));
    stage.wait(1);
    assert_eq!(stage.fault(), Some(Fault::CameraLost));
}

#[test]
fn a_camera_that_never_came_is_missing() {
    let mut stage = Stage::new(Some("en"));
    stage.tell(Event::CameraLost);
    stage.test(all_but(Part::Camera, Outcome::Failed("there is none".into())), bundle());
    assert_eq!(stage.fault(), Some(Fault::CameraMissing));
    stage.frame();
    assert!(is_start(&stage), "it was plugged in: everything is tested again");
    assert_eq!(stage.tests.len(), 1);
    stage.test(passed(), bundle());
    assert!(is_start(&stage));
}

#[test]
fn an_old_picture_neither_shows_nor_proves_anything() {
    let mut stage = Stage::aiming();
    stage.tell(Event::CameraLost);
    stage.wait(2000);
    let taken = stage.now - Duration::from_millis(501);
    stage.tell(Event::Frame { frame: FrameId(900), taken });
    assert_eq!(stage.fault(), Some(Fault::CameraMissing));
    assert_eq!(stage.session.picture(stage.now), None);
}

#[test]
fn sights_of_before_are_ignored() {
    let mut stage = Stage::aiming();
    stage.see(good());
    let sight = Sight {
        frame: FrameId(stage.frame),
        taken: stage.now,
        verdict: Ok(()),
        measures: Some(good()),
        face: None,
        unevenness: None,
    };
    stage.capture();
    stage.tell(Event::Sight(sight));
    assert!(stage.kept.is_empty(), "told twice, and taken before the press");
    assert_eq!(stage.screen(), Screen::Capture { taken: 0, wanted: 8 });
}

#[test]
fn a_bundle_that_is_refused_is_tried_again() {
    let mut stage = Stage::new(Some("en"));
    stage.test(all_but(Part::Bundle, Outcome::Failed("damaged".into())), Err("damaged".into()));
    assert_eq!(stage.fault(), Some(Fault::BundleRefused("damaged".into())));
    stage.menu();
    let Screen::Menu { items, .. } = stage.screen() else { panic!() };
    assert!(!items.contains(&MenuItem::About) && !items.contains(&MenuItem::NextPatient));
    stage.back();
    stage.capture();
    assert_eq!(stage.screen(), Screen::Start { checks: Vec::new() });
    stage.test(passed(), bundle());
    stage.capture();
    assert!(is_consent(&stage));
}

#[test]
fn a_failed_part_blocks_and_a_warned_one_does_not() {
    let mut stage = Stage::new(Some("en"));
    let checks = all_but(Part::KnownPhotograph, Outcome::Failed("other logits".into()));
    stage.test(checks.clone(), bundle());
    assert_eq!(stage.fault(), Some(Fault::SelfTestFailed(checks)));
    stage.wait(IDLE.as_millis() as u64);
    assert_eq!(stage.tests.len(), 1, "tried again by itself");

    let mut stage = Stage::new(Some("en"));
    stage.test(all_but(Part::Clock, Outcome::Warned("not set".into())), bundle());
    assert!(is_start(&stage));
    assert_eq!(stage.session.light(), Light::Attention);
    stage.capture();
    assert!(is_consent(&stage));
}

#[test]
fn a_stale_self_test_is_dropped() {
    let mut stage = Stage::new(Some("en"));
    let old = stage.tests[0];
    stage.tell(Event::PartFailed("fell over".into()));
    stage.capture();
    stage.tell(Event::SelfTested { generation: old, checks: passed(), bundle: bundle() });
    assert_eq!(stage.screen(), Screen::Start { checks: Vec::new() }, "still testing");
}

#[test]
fn low_memory_stops_work_and_keeps_a_result() {
    for make in [Stage::aiming as fn() -> Stage, Stage::working] {
        let mut stage = make();
        stage.tell(Event::Memory { low: true });
        assert_eq!(stage.fault(), Some(Fault::LowMemory));
        assert!(!stage.session.knows_a_patient());
        stage.tell(Event::Memory { low: false });
        assert!(is_start(&stage));
    }
    let mut stage = Stage::judged();
    stage.tell(Event::Memory { low: true });
    assert!(matches!(stage.screen(), Screen::Result(_)));
    stage.back();
    assert_eq!(stage.fault(), Some(Fault::LowMemory));
}

#[test]
fn what_falls_over_or_hangs_ends_in_a_fault_without_the_patient() {
    let mut stage = Stage::judged();
    stage.tell(Event::PartFailed("fell over".into()));
    assert_eq!(stage.fault(), Some(Fault::Internal("fell over".into())));
    assert!(!stage.session.knows_a_patient());

    let mut stage = Stage::working();
    stage.wait(WORK_LIMIT.as_millis() as u64);
    assert!(matches!(stage.fault(), Some(Fault::Internal(_))));

    let mut stage = Stage::working();
    let generation = stage.judgements[0];
    stage.tell(Event::Judged { generation, judgement: Err("not finite".into()) });
    assert_eq!(stage.fault(), Some(Fault::Internal("not finite".into())));
}

#[test]
fn pictures_are_wanted_only_while_they_are_shown_or_missed() {
    let mut stage = Stage::ready();
    stage.capture();
    stage.now += Duration::from_millis(500);
    let effects = stage.tell(Event::Touch(Action::Choose(0)));
    assert!(effects.contains(&Effect::Watch(true)));
    stage.now += Duration::from_millis(500);
    let effects = stage.tell(Event::Press(Button::Back, Press::Short));
    assert!(effects.contains(&Effect::Watch(false)));
    assert!(!stage.session.knows_a_patient(), "consent goes with it");
}
