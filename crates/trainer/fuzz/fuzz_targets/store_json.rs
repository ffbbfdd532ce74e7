#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| aisle_trainer_fuzz::store_json(bytes));
