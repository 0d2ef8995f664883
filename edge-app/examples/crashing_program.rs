//! An update that passes its test and crashes at every start, for `cargo xtask faults`: the device must leave it again.

fn main() {
    if std::env::args().nth(2).as_deref() != Some("try") {
        std::process::abort();
    }
}
