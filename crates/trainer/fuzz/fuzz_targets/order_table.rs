#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| aisle_trainer_fuzz::order_table(bytes));
