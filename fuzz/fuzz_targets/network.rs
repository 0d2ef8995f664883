//! Loads whatever bytes it is given as an ONNX network, and runs what loads: a bundle is input from outside.
#![no_main]

#[path = "../../shared/engine/tests/engine/mutation.rs"]
mod mutation;
#[path = "../../shared/engine/tests/engine/quantized.rs"]
mod quantized;
#[path = "../../shared/engine/tests/engine/trial.rs"]
mod trial;

use lakshan_engine::onnx::{Message, ModelProto};
use libfuzzer_sys::{Corpus, fuzz_mutator, fuzz_target, fuzzer_mutate};
use mutation::{Random, mutate};

fuzz_target!(
    init: {
        // tract's panics are contained by the loader, so the fuzzer's own hook, which aborts, must not see them; `trial`
        // tells those of the engine apart.
        let _ = std::panic::take_hook();
    },
    |data: &[u8]| -> Corpus {
        match trial::run(data) {
            Ok(_) => Corpus::Keep,
            Err(fault) => {
                eprintln!("{fault}");
                std::process::abort();
            }
        }
    }
);

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    let mut random = Random::new(u64::from(seed));
    // Bytes that are no network, such as the first input of all, give way to a new one; so do a few of the others.
    let decoded = ModelProto::decode(&data[..size]).ok().filter(|model| model.graph.is_some());
    let mut model = match decoded {
        Some(model) if random.below(64) != 0 => model,
        _ => quantized::network(&mut random),
    };
    for _ in 0..random.below(4) {
        mutate(&mut model, &mut random);
    }
    let bytes = model.encode_to_vec();
    if bytes.len() > max_size || random.below(8) == 0 {
        // Altered blindly: what protobuf itself refuses or bends is part of the input, too.
        return fuzzer_mutate(data, size, max_size);
    }
    data[..bytes.len()].copy_from_slice(&bytes);
    bytes.len()
});
