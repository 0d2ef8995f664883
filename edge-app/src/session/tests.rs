//! The table of the module, line by line, on a stage where time and parts do what the test says.

mod faults;
mod properties;
mod stage;
mod sticks;
mod table;
