//! A whole program on several threads: they share memory, so Miri and the thread sanitizer have to see one.

use super::super::{
    Conv, Dense, Geometry, Layer, Memory, Output, Parameters, Program, Range, Residual, Shape, Step, Window, available,
};
use super::{Random, geometry};

const SIDE: usize = if cfg!(miri) { 5 } else { 9 };
const POOLED: usize = SIDE.div_ceil(2);

fn conv(geometry: Geometry, from: Shape, ranges: [Range; 2], residual: Option<Range>, random: &mut Random) -> Layer {
    let count = geometry.outputs * geometry.inputs * geometry.kernel[0] * geometry.kernel[1];
    let weights: Vec<i8> = (0..count).map(|_| random.between(-50, 50) as i8).collect();
    let parameters = Parameters {
        weights: &weights,
        bias: &vec![30; geometry.outputs],
        multiplier: &vec![0.01; geometry.outputs],
        residual: residual.map(|range| Residual { scale: 0.5, range }),
        input: ranges[0],
        output: ranges[1],
    };
    Layer::Conv(Box::new(Conv::new(available()[0], geometry, from, &parameters).unwrap()))
}

/// Picture, 3x3 convolution, pool, 1x1 convolution, 3x3 convolution + what came out of the pool, average, dense layer.
fn program(threads: usize) -> Program {
    let mut random = Random(5);
    let memory = |size: usize, channels, border, fill| Memory {
        shape: Shape { height: size, width: size, channels, border },
        border: fill,
    };
    let slots = vec![
        memory(SIDE, 3, 1, 128),
        memory(SIDE, 8, 1, 0),
        memory(POOLED, 8, 0, 0),
        memory(POOLED, 8, 1, 0),
        memory(POOLED, 8, 0, 0),
        memory(1, 8, 0, 0),
    ];
    let shapes: Vec<Shape> = slots.iter().map(|slot| slot.shape).collect();
    let layers = [
        (Layer::Quantize { scale: 1.0 }, 0, None),
        (conv(geometry(3, 8, 3, 1), shapes[0], [Range::Picture, Range::Unsigned], None, &mut random), 0, None),
        (Layer::MaxPool(Window { size: 3, stride: 2, padding: 1 }), 1, None),
        (conv(geometry(8, 8, 1, 1), shapes[2], [Range::Unsigned, Range::Positive], None, &mut random), 2, None),
        (conv(geometry(8, 8, 3, 1), shapes[3], [Range::Positive; 2], Some(Range::Unsigned), &mut random), 3, Some(2)),
        (Layer::Average { multiplier: 1.0 / 25.0, range: Range::Positive }, 4, None),
    ];
    let step = |(to, (layer, from, residual))| Step { name: format!("step {to}"), layer, from, residual, to };
    let weights = (0..24).map(|_| random.between(-127, 127) as i8).collect();
    let dense = Dense { weights, bias: vec![1, -1, 0], scale: vec![0.1; 3] };
    let outputs =
        vec![Output::Dense { from: 5, dense }, Output::Values { from: 4, scale: 0.5, range: Range::Positive }];
    Program::new(layers.into_iter().enumerate().map(step).collect(), outputs, slots, threads)
}

#[test]
fn threads_and_turns_change_nothing() {
    let input: Vec<f32> = (0..3 * SIDE * SIDE).map(|at| (at * 31 % 256) as f32 - 128.0).collect();
    let expected = program(1).run(&input, None);
    assert!(expected.iter().flatten().any(|value| *value != 0.0));
    for threads in [2, 3] {
        let program = program(threads);
        for _ in 0..if cfg!(miri) { 1 } else { 100 } {
            assert_eq!(program.run(&input, None), expected, "{threads} threads");
        }
        // Two callers at once: one has the pool, the other works alone.
        std::thread::scope(|scope| {
            let other = scope.spawn(|| program.run(&input, None));
            assert_eq!(program.run(&input, None), expected);
            assert_eq!(other.join().unwrap(), expected);
        });
    }
}
