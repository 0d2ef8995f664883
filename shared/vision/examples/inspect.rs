//! Prints what the stages say about photographs, a line each, and writes their crops:
//! `cargo run --release -p lakshan-vision --example inspect -- [--crops DIR] PHOTO...`
//!
//! Meant for choosing thresholds and for looking at crops with one's own eyes.

use std::path::{Path, PathBuf};
use std::time::Instant;

use lakshan_core::Frame;
use lakshan_vision::{Analyser, Analysis, DEFAULT_THRESHOLDS, Verdict, crop, unevenness};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1).peekable();
    let mut crops = None;
    if arguments.next_if(|argument| argument == "--crops").is_some() {
        let folder = PathBuf::from(arguments.next().ok_or("--crops needs a folder")?);
        std::fs::create_dir_all(&folder)?;
        crops = Some(folder);
    }
    let analyser = Analyser::new()?;
    println!(
        "photo\tverdict\tscore\tinter_eye\tinside\tluma\tburnt\tsharpness\tyaw\troll\tuneven\tms: decode\tdetect\tcrop"
    );
    for photo in arguments {
        let start = Instant::now();
        let frame = match lakshan_vision::open(&photo) {
            Ok(frame) => frame,
            Err(error) => {
                eprintln!("error: {photo}: {error}");
                continue;
            }
        };
        let decode = start.elapsed();
        let analysis = analyser.analyse(&frame, &DEFAULT_THRESHOLDS)?;
        let name = Path::new(&photo).file_name().unwrap_or_default().to_string_lossy().into_owned();
        println!("{name}\t{}\t{:.1}\t{}", row(&frame, &analysis), decode.as_secs_f32() * 1e3, times(&analysis));
        if let (Some(folder), Some(face)) = (&crops, analysis.faces.first()) {
            save(crop(&frame, face).crop.frame(), &folder.join(format!("{name}.png")))?;
        }
    }
    Ok(())
}

fn row(frame: &Frame, analysis: &Analysis) -> String {
    let verdict = match &analysis.verdict {
        Verdict::Accept { .. } => "accept",
        Verdict::Retake { reason, .. } => reason.id(),
    };
    let score = analysis.faces.first().map_or(0.0, |face| face.score);
    let Some(m) = analysis.measures else { return format!("{verdict}\t{score:.2}\t-\t-\t-\t-\t-\t-\t-\t-") };
    let uneven = analysis.faces.first().map_or(0.0, |face| unevenness(&crop(frame, face).crop));
    format!(
        "{verdict}\t{score:.2}\t{:.1}\t{:.2}\t{:.0}\t{:.3}\t{:.4}\t{:.0}\t{:.0}\t{uneven:.2}",
        m.inter_eye_px, m.inside_fraction, m.mean_luma, m.burnt_fraction, m.sharpness, m.yaw_deg, m.roll_deg
    )
}

fn times(analysis: &Analysis) -> String {
    let [detect, crop] = [analysis.timings.detect, analysis.timings.crop].map(|time| time.as_secs_f32() * 1e3);
    format!("{detect:.1}\t{crop:.1}")
}

fn save(crop: &Frame, path: &Path) -> Result<(), image::ImageError> {
    image::save_buffer(path, crop.rgb(), crop.width(), crop.height(), image::ExtendedColorType::Rgb8)
}
