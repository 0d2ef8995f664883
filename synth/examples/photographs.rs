//! Writes photographs and one JSON line a photograph: `photographs MODEL_DIR OUT_DIR SUBJECTS_PER_LABEL [SEED] [PHOTOS] [LABEL]`.

use std::io::Write;
use std::path::Path;

use lakshan_core::Syndrome;
use lakshan_synth::{HeadModel, Label, Subject, photograph};
use rayon::prelude::*;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [dir, out, subjects, rest @ ..] = args.as_slice() else {
        return Err("usage: photographs MODEL_DIR OUT_DIR SUBJECTS_PER_LABEL [SEED] [PHOTOS] [LABEL]".into());
    };
    let subjects: u32 = subjects.parse()?;
    let seed: u64 = rest.first().map_or(Ok(1), |a| a.parse())?;
    let photos: u32 = rest.get(1).map_or(Ok(1), |a| a.parse())?;
    let model = HeadModel::load(Path::new(dir))?;
    let labels: Vec<Label> = Syndrome::ALL
        .into_iter()
        .map(Label::Affected)
        .chain([Label::Unaffected, Label::OtherCondition])
        .filter(|l| rest.get(2).is_none_or(|wanted| wanted == l.id()))
        .collect();
    std::fs::create_dir_all(out)?;
    let jobs: Vec<(Label, u32, u32)> =
        labels.iter().flat_map(|&l| (0..subjects).flat_map(move |s| (0..photos).map(move |p| (l, s, p)))).collect();
    let lines: Vec<String> = jobs
        .into_par_iter()
        .map(|(label, index, photo)| {
            let subject = Subject::draw(seed, label, index);
            let taken = photograph(&model, &subject, photo, 512);
            let name = format!("{}-{photo}.jpg", subject.id);
            std::fs::write(Path::new(out).join(&name), &taken.jpeg)?;
            let line = serde_json::json!({ "photo": name, "subject": subject, "capture": taken.capture });
            Ok(line.to_string())
        })
        .collect::<Result<_, std::io::Error>>()?;
    let mut file = std::fs::File::create(Path::new(out).join("photographs.jsonl"))?;
    for line in lines {
        writeln!(file, "{line}")?;
    }
    Ok(())
}
