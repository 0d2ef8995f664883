//! Everything that touches libtorch. No other module names `tch`.

pub mod folded;
