//! Both layouts, built from the project's own synthetic samples, become data sets.

use super::*;
use crate::dataset::forget::forget;
use crate::import::folder::Unknown;

fn sample(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../models/samples").join(name)
}

fn options(out: &Path, copy: bool) -> Options {
    Options { out: out.to_owned(), copy, kind: DataKind::Synthetic, statement: None, shares: None, seed: 1 }
}

/// `train/` and `test/` with two classes; one picture of Down syndrome stands in both, encoded again.
fn class_folders() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let put = |from: &str, to: &str| {
        let to = folder.path().join(to);
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::copy(sample(from), to).unwrap();
    };
    put("down-1.jpg", "train/Down Syndrome/anna.jpg");
    put("down-2.jpg", "train/Down Syndrome/bob.jpg");
    put("williams-1.jpg", "test/Williams/carl.jpg");
    let twin = folder.path().join("test/Down Syndrome/anna-again.jpg");
    fs::create_dir_all(twin.parent().unwrap()).unwrap();
    image::open(sample("down-1.jpg")).unwrap().to_rgb8().save(&twin).unwrap();
    fs::write(folder.path().join("test/Williams/broken.jpg"), "no picture").unwrap();
    folder
}

#[test]
fn a_folder_for_each_class_becomes_a_dataset_and_twins_stay_together() {
    let (source, out) = (class_folders(), tempfile::tempdir().unwrap());
    let finds = || folder::find(source.path(), Unknown::Stop).unwrap();
    let root = out.path().join("data");
    let summary = import(finds(), &options(&root, false)).unwrap();
    assert_eq!((summary.photographs, summary.subjects, summary.subjects_by_likeness), (4, 3, 3));
    assert_eq!(summary.groups_across_splits, 1, "the twins stood in two splits");
    assert_eq!(summary.left_out, BTreeMap::from([(LeftOut::Unreadable, 1)]));
    let dataset = Dataset::open(&root).unwrap();
    assert_eq!(dataset.photographs(), fs::canonicalize(source.path()).unwrap());
    assert!(!root.join("photos").exists(), "photographs stay where they are");
    let of = |name: &str| dataset.photos.iter().find(|photo| photo.photo.ends_with(name)).unwrap();
    assert_eq!(of("anna.jpg").subject, of("anna-again.jpg").subject);
    assert_eq!(of("anna-again.jpg").split, Split::Train, "what was seen does not test");
    assert_eq!(of("carl.jpg").split, Split::Test);

    let table = fs::read(root.join(crate::dataset::PHOTOS_FILE)).unwrap();
    assert_eq!(import(finds(), &options(&root, false)).unwrap(), summary);
    assert_eq!(fs::read(root.join(crate::dataset::PHOTOS_FILE)).unwrap(), table, "the same again");
    let other = Finds { source: "elsewhere".into(), ..finds() };
    assert!(matches!(import(other, &options(&root, false)), Err(ImportError::OtherDataset { .. })));
}

#[test]
fn who_was_forgotten_does_not_come_back() {
    let (source, out) = (class_folders(), tempfile::tempdir().unwrap());
    let finds = || folder::find(source.path(), Unknown::Stop).unwrap();
    let root = out.path().join("data");
    import(finds(), &options(&root, true)).unwrap();
    let dataset = Dataset::open(&root).unwrap();
    let carl = dataset.photos.iter().find(|photo| photo.photo.ends_with("carl.jpg")).unwrap();
    let copy = root.join(&carl.photo);
    assert!(copy.starts_with(root.join("photos")) && copy.is_file());
    forget(&root, &carl.subject).unwrap();
    assert!(!copy.exists());
    let summary = import(finds(), &options(&root, true)).unwrap();
    assert_eq!(summary.left_out.get(&LeftOut::Withdrawn), Some(&1));
    assert!(!copy.exists(), "not even the copy");
    assert!(Dataset::open(&root).unwrap().photos.iter().all(|photo| photo.subject != carl.subject));
}

#[test]
fn a_release_of_gestaltmatcherdb_becomes_a_dataset() {
    let (source, out) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (images, tables) = (source.path().join("gmdb_images"), source.path().join("gmdb_metadata"));
    fs::create_dir_all(&images).unwrap();
    fs::create_dir_all(&tables).unwrap();
    for (id, name) in [(1, "down-1.jpg"), (2, "down-2.jpg"), (3, "williams-1.jpg"), (4, "negative-1.jpg")] {
        fs::copy(sample(name), images.join(format!("{id}.jpg"))).unwrap();
    }
    let rows = [
        "image_id\tpatient_id\tfirst_name\tomim_ids\timage_type\tconsent\tprivate",
        "1\t7\tAnna\t190685\tFrontal face\t1\t0",
        "2\t7\tAnna\t190685\tFrontal face\t1\t0",
        "3\t8\tBob\t194050\tFrontal face\t1\t0",
        "4\t9\tCarl\t147920\tFrontal face\t1\t0",
    ];
    fs::write(tables.join("image_metadata_v1.0.9.tsv"), rows.join("\n")).unwrap();
    let root = out.path().join("data");
    let summary = import(gmdb::find(source.path(), false).unwrap(), &options(&root, false)).unwrap();
    assert_eq!((summary.photographs, summary.subjects, summary.subjects_by_likeness), (4, 3, 0));
    let text = fs::read_to_string(root.join(crate::dataset::PHOTOS_FILE)).unwrap();
    assert!(text.contains("gmdb-7") && !text.contains("Anna"), "{text}");
    let dataset = Dataset::open(&root).unwrap();
    assert_eq!(dataset.photos[0].split, dataset.photos[1].split, "one patient, one split");
    assert_eq!(dataset.photos[3].label.id(), "negative");
}
