//! TensorBoard's event files: each record is its length, a checksum of that, a protobuf `Event`, and a checksum of it.
//!
//! Layout: `tensorflow/core/lib/io/record_writer.h` and `tensorflow/core/util/event.proto`.

use prost::Message;

use crate::torch::trainer::EpochRecord;

/// The event file's name in a run's folder; TensorBoard asks for `tfevents` in it.
pub const EVENTS_FILE: &str = "events.out.tfevents.0.lakshan";

/// `tensorflow.Event`, as far as scalars need it.
#[derive(Clone, PartialEq, Message)]
struct Event {
    /// Seconds since 1970.
    #[prost(double, tag = "1")]
    wall_time: f64,
    #[prost(int64, tag = "2")]
    step: i64,
    #[prost(string, optional, tag = "3")]
    file_version: Option<String>,
    #[prost(message, optional, tag = "5")]
    summary: Option<Summary>,
}

/// `tensorflow.Summary`.
#[derive(Clone, PartialEq, Message)]
struct Summary {
    #[prost(message, repeated, tag = "1")]
    value: Vec<Value>,
}

/// `tensorflow.Summary.Value` of one number.
#[derive(Clone, PartialEq, Message)]
struct Value {
    #[prost(string, tag = "1")]
    tag: String,
    #[prost(float, tag = "2")]
    simple_value: f32,
}

/// The record that every file begins with.
pub fn header() -> Vec<u8> {
    record(&Event { file_version: Some("brain.Event:2".into()), ..Event::default() })
}

/// One epoch as a record.
pub fn of_epoch(epoch: &EpochRecord) -> Vec<u8> {
    let mut values = vec![
        ("train/loss", epoch.train_loss),
        ("train/accuracy", epoch.train_accuracy),
        ("train/learning_rate", epoch.learning_rate),
        ("train/images_per_second", epoch.images_per_second),
        ("calibration/top1", epoch.validation.top1),
        ("calibration/balanced_accuracy", epoch.validation.balanced_accuracy),
        ("calibration/loss", epoch.validation.loss),
        ("calibration/score", epoch.score),
    ];
    values.extend(epoch.validation.auroc.map(|auroc| ("calibration/auroc", auroc)));
    let value = values.into_iter().map(|(tag, value)| Value { tag: tag.to_owned(), simple_value: value as f32 });
    record(&Event {
        wall_time: epoch.ended_at as f64,
        step: epoch.epoch as i64,
        file_version: None,
        summary: Some(Summary { value: value.collect() }),
    })
}

fn record(event: &Event) -> Vec<u8> {
    let data = event.encode_to_vec();
    let length = (data.len() as u64).to_le_bytes();
    [&length[..], &masked_checksum(&length), &data, &masked_checksum(&data)].concat()
}

/// CRC-32C, rotated and shifted, because a checksum of what holds checksums is weak.
fn masked_checksum(bytes: &[u8]) -> [u8; 4] {
    crc32c::crc32c(bytes).rotate_right(15).wrapping_add(0xa282_ead8).to_le_bytes()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::python;
    use crate::runs::curve::tests::record as epoch;

    /// What TensorFlow's own writer gives for the first record of every file, time 0.
    #[test]
    fn the_first_record_is_tensorflows() {
        let event = Event { file_version: Some("brain.Event:2".into()), ..Event::default() };
        let bytes = header();
        assert_eq!(bytes[..8], 15_u64.to_le_bytes(), "two bytes of tag and length, thirteen of text");
        assert_eq!(&bytes[12..27], b"\x1a\x0dbrain.Event:2");
        assert_eq!(Event::decode(&bytes[12..27]).unwrap(), event);
        assert_eq!(bytes.len(), 8 + 4 + 15 + 4);
    }

    /// RFC 3720, appendix B.4: 32 bytes of zeros.
    #[test]
    fn the_checksum_is_castagnolis_and_masked() {
        assert_eq!(crc32c::crc32c(&[0; 32]), 0x8a91_36aa);
        let masked = 0x8a91_36aa_u32.rotate_right(15).wrapping_add(0xa282_ead8);
        assert_eq!(masked_checksum(&[0; 32]), masked.to_le_bytes());
    }

    #[test]
    fn records_follow_each_other_and_hold_the_figures() {
        let mut bytes = header();
        bytes.extend((1..=2).flat_map(|number| of_epoch(&epoch(number))));
        let (mut rest, mut events) = (bytes.as_slice(), Vec::new());
        while !rest.is_empty() {
            let (length, after) = rest.split_first_chunk::<8>().unwrap();
            let (check, after) = after.split_first_chunk::<4>().unwrap();
            assert_eq!(*check, masked_checksum(length));
            let (data, after) = after.split_at(u64::from_le_bytes(*length) as usize);
            let (check, after) = after.split_first_chunk::<4>().unwrap();
            assert_eq!(*check, masked_checksum(data));
            events.push(Event::decode(data).unwrap());
            rest = after;
        }
        assert_eq!(events.iter().map(|event| event.step).collect::<Vec<_>>(), [0, 1, 2]);
        let values = &events[2].summary.as_ref().unwrap().value;
        let loss = values.iter().find(|value| value.tag == "train/loss").unwrap();
        assert_eq!(loss.simple_value, epoch(2).train_loss as f32);
    }
    #[test]
    fn tensorboards_own_reader_finds_every_figure() {
        let folder = tempfile::tempdir().unwrap();
        let mut bytes = header();
        bytes.extend((1..=3).flat_map(|number| of_epoch(&epoch(number))));
        std::fs::write(folder.path().join(EVENTS_FILE), bytes).unwrap();
        let found = python::run("tensorboard_scalars.py", [folder.path()]);
        let found: BTreeMap<String, Vec<(i64, f64, f64)>> = serde_json::from_slice(&found).unwrap();
        assert_eq!(found.len(), 9, "{:?}", found.keys());
        for (at, (step, loss, time)) in found["train/loss"].iter().enumerate() {
            let epoch = epoch(at + 1);
            assert_eq!((*step, *loss as f32, *time), (at as i64 + 1, epoch.train_loss as f32, epoch.ended_at as f64));
        }
        for (tag, scalars) in &found {
            assert_eq!(scalars.len(), 3, "{tag}");
        }
        assert_eq!(found["calibration/auroc"][1].1 as f32, epoch(2).validation.auroc.unwrap() as f32);
    }
}
