//! A folder of sticks, as `edge-app run --sticks` looks at it: what is offered, refused, installed, and pulled in the middle.

use std::fs;
use std::path::{Path, PathBuf};

use edge_app::config::Config;
use edge_app::parts::Sticks;
use edge_app::sticks::{Kind, News, Reason, Refused, Step, StickFolder};
use lakshan_core::manifest::{FILE_NAME, SIGNATURE_FILE};
use minisign::KeyPair;

use crate::installing::Device;

/// The device's sticks; the bundle of [`Device`] is copied to one of them.
struct Bench {
    device: Device,
    sticks: StickFolder,
}

impl Bench {
    fn new() -> Self {
        let device = Device::new();
        let file = device.stick.path("a.toml");
        let config = Config::load(Some(&file)).unwrap();
        let sticks = StickFolder::new(device.stick.path("sticks"), config, Some(file));
        Self { device, sticks }
    }

    fn plugged(&self, folder: &str) -> PathBuf {
        self.device.stick.path("sticks/sda1").join(folder)
    }

    /// Copies the bundle, as it is now, to the stick.
    fn plug(&self, folder: &str) -> PathBuf {
        let target = self.plugged(folder);
        fs::create_dir_all(&target).unwrap();
        for entry in fs::read_dir(self.device.stick.path("bundle")).unwrap() {
            let path = entry.unwrap().path();
            fs::copy(&path, target.join(path.file_name().unwrap())).unwrap();
        }
        target
    }

    fn pull(&self) {
        fs::remove_dir_all(self.device.stick.path("sticks/sda1")).unwrap();
    }

    #[track_caller]
    fn offered(&mut self) -> String {
        match self.sticks.look() {
            Some(News { plugged: true, update: Some(Ok(offer)) }) => {
                format!("{} {} {} {}", offer.kind.id(), offer.name, offer.version, offer.signer)
            }
            other => panic!("nothing is offered: {other:?}"),
        }
    }

    #[track_caller]
    fn refused(&mut self) -> (Reason, String) {
        match self.sticks.look() {
            Some(News { plugged: true, update: Some(Err(Refused { reason, details })) }) => (reason, details),
            other => panic!("nothing is refused: {other:?}"),
        }
    }

    /// The outcome, and what was told.
    fn install(&mut self) -> (Result<Kind, Refused>, Vec<Step>) {
        let mut told = Vec::new();
        let outcome = self.sticks.install(&mut |step| {
            told.push(step);
            true
        });
        (outcome, told)
    }
}

#[test]
fn a_signed_bundle_is_offered_installed_and_not_offered_again() {
    let mut bench = Bench::new();
    assert_eq!(bench.sticks.look(), None, "there is not even a folder");
    bench.device.version("2");
    bench.plug("Lakshan-bundle-2");
    assert_eq!(bench.offered(), "bundle toy 2 clinic.pub");
    assert_eq!(bench.sticks.look(), None, "it is told once");
    let (outcome, told) = bench.install();
    assert_eq!(outcome, Ok(Kind::Bundle));
    assert_eq!(told.last(), Some(&Step::Testing));
    assert!(told.contains(&Step::Copying(100)) && told.len() < 200, "{told:?}");
    bench.device.uses("a", "2");
    assert_eq!(bench.sticks.look(), Some(News { plugged: true, update: None }), "it is in use now");
    bench.pull();
    assert_eq!(bench.sticks.look(), Some(News::default()));
    assert_eq!(bench.sticks.look(), None);
}

#[test]
fn each_fault_has_its_reason() {
    let mut bench = Bench::new();
    bench.device.version("2");
    let stick = bench.plug("lakshan");
    assert_eq!(bench.offered(), "bundle toy 2 clinic.pub");
    fs::remove_file(stick.join(SIGNATURE_FILE)).unwrap();
    let (reason, details) = bench.refused();
    assert_eq!(reason, Reason::Unsigned);
    assert!(details.contains("nobody has signed it"), "{details}");
    assert_eq!(bench.install().0.unwrap_err().reason, Reason::Pulled, "nothing is offered any more");

    bench.device.sign(&KeyPair::generate_unencrypted_keypair().unwrap());
    bench.plug("lakshan");
    assert_eq!(bench.refused().0, Reason::Untrusted);

    bench.device.bundle(|_| {});
    let changed = fs::read_to_string(bench.device.path(FILE_NAME)).unwrap().replace("1.2.3", "9.9.99");
    fs::write(bench.plug("lakshan").join(FILE_NAME), changed).unwrap();
    assert_eq!(bench.refused().0, Reason::Changed);

    bench.device.bundle(|manifest| manifest["classes"][3] = "other".into());
    bench.plug("lakshan");
    let (reason, details) = bench.refused();
    assert_eq!(reason, Reason::Unfit);
    assert!(details.contains("class 3 is 'other'"), "{details}");

    bench.device.install("5");
    bench.device.version("4.9");
    bench.plug("lakshan");
    assert_eq!(bench.refused().0, Reason::Older);

    // A damaged file shows itself only when it is copied.
    bench.device.version("6");
    let stick = bench.plug("lakshan");
    fs::write(stick.join("MODEL_CARD.md"), "# Toys\n").unwrap();
    assert_eq!(bench.offered(), "bundle toy 6 clinic.pub");
    assert_eq!(bench.install().0.unwrap_err().reason, Reason::Damaged);

    bench.device.bundle(|manifest| {
        manifest["version"] = "7".into();
        manifest["known_logits"] = serde_json::json!([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    });
    bench.plug("lakshan");
    assert_eq!(bench.offered(), "bundle toy 7 clinic.pub");
    assert_eq!(bench.install().0.unwrap_err().reason, Reason::SelfTest);
    bench.device.uses("a", "5");
}

#[test]
fn a_stick_that_is_pulled_or_given_up_in_the_middle_changes_nothing() {
    let mut bench = Bench::new();
    bench.device.install("1");
    for version in ["2", "3"] {
        bench.device.version(version);
        bench.plug("lakshan");
        assert_eq!(bench.offered(), format!("bundle toy {version} clinic.pub"));
        let folder = bench.device.stick.path("sticks/sda1");
        let outcome = bench.sticks.install(&mut |_| {
            if version == "2" {
                let _ = fs::remove_dir_all(&folder);
            }
            version == "2"
        });
        let refused = outcome.unwrap_err();
        let expected = if version == "2" { Reason::Pulled } else { Reason::Device };
        assert_eq!(refused.reason, expected, "{}", refused.details);
        bench.device.uses("a", "1");
        assert!(!bench.device.state().join("bundles/incoming").exists());
        bench.sticks.look();
    }
}

#[test]
fn a_stick_cannot_offer_one_thing_and_give_another() {
    let mut bench = Bench::new();
    bench.device.version("2");
    bench.plug("lakshan");
    assert_eq!(bench.offered(), "bundle toy 2 clinic.pub");
    // Signed as well, but not what the person has said yes to.
    bench.device.bundle(|manifest| {
        manifest["version"] = "3".into();
        manifest["files"]["MODEL_CARD.md"] = manifest["files"]["model.onnx"].clone();
    });
    bench.plug("lakshan");
    assert_eq!(bench.install().0, Ok(Kind::Bundle));
    bench.device.uses("a", "2");
}

#[test]
fn only_folders_with_the_name_are_looked_at_and_links_never() {
    let mut bench = Bench::new();
    bench.plug("bundle");
    bench.plug("deep/lakshan");
    let outside = bench.device.stick.path("bundle");
    std::os::unix::fs::symlink(&outside, bench.plugged("lakshan-link")).unwrap();
    fs::create_dir(bench.plugged("lakshan-photographs")).unwrap();
    assert_eq!(bench.sticks.look(), Some(News { plugged: true, update: None }));
    assert!(Path::new(&outside).exists());
}
