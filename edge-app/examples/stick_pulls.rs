//! Pulls a USB stick in the middle of installations, for `cargo xtask faults`: `stick_pulls CONFIG STICKS BUNDLE COUNT SEED`.
//!
//! The stick is a folder. To pull it is to cut the file that is being read and to take the folder away, which is what a program
//! sees of a stick that is gone: files that end too early, and names that are not there. Prints how often that was done before
//! everything was on the device; it must have been refused each time.

use std::fs;
use std::path::{Path, PathBuf};

use edge_app::config::Config;
use edge_app::parts::Sticks;
use edge_app::sticks::{Reason, Step, StickFolder};

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [config, sticks, bundle, count, seed] = words.as_slice() else { panic!("five arguments") };
    let (config, sticks, bundle) = (PathBuf::from(config), PathBuf::from(sticks), PathBuf::from(bundle));
    let (count, mut random): (u32, u64) = (count.parse().expect("a number"), seed.parse().expect("a number"));
    for _ in 0..count {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let at = ((random >> 33) % 99) as u8;
        let stick = sticks.join("sda1");
        let update = plug(&stick, &bundle);
        let mut folder = StickFolder::new(sticks.clone(), Config::load(Some(&config)).expect("a configuration"), None);
        let news = folder.look().expect("there is a stick");
        assert!(matches!(news.update, Some(Ok(_))), "{news:?}");
        let outcome = folder.install(&mut |step| {
            if stick.exists() && matches!(step, Step::Copying(percent) if percent >= at) {
                pull(&stick, &update);
            }
            true
        });
        let refused = outcome.expect_err("half a bundle was installed");
        assert_eq!(refused.reason, Reason::Pulled, "{}", refused.details);
    }
    println!("{count}");
}

fn plug(stick: &Path, bundle: &Path) -> PathBuf {
    let update = stick.join("lakshan-bundle");
    let _ = fs::remove_dir_all(stick);
    fs::create_dir_all(&update).expect("a folder");
    for entry in fs::read_dir(bundle).expect("a bundle") {
        let path = entry.expect("an entry").path();
        fs::copy(&path, update.join(path.file_name().expect("a name"))).expect("a copy");
    }
    update
}

fn pull(stick: &Path, update: &Path) {
    for entry in fs::read_dir(update).expect("the update") {
        let file = fs::File::options().write(true).open(entry.expect("an entry").path()).expect("a file");
        file.set_len(file.metadata().expect("a length").len() / 2).expect("it is cut");
    }
    fs::remove_dir_all(stick).expect("it is gone");
}
