//! The door of the module: functions on numbers, which need no glue. A page writes the bytes of a request, asks, and reads
//! the bytes of the answer.
//!
//! `#[wasm_bindgen]` writes the exports, which are unsafe code by the lints of this workspace, as far as rustc can tell who
//! wrote them. Its own tools are not used: the page finds an export by the name in front of its hash.
#![allow(unreachable_pub, reason = "who reaches them is not written in Rust")]

use std::cell::RefCell;
use wasm_bindgen::prelude::wasm_bindgen;

thread_local! {
    static TEXT: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Four bytes of the request, the first one lowest, of which the first `count` count.
#[wasm_bindgen]
pub fn put(bytes: u32, count: u32) {
    TEXT.with_borrow_mut(|text| text.extend(bytes.to_le_bytes().iter().take(count as usize)));
}

/// Answers what was put: the length of the answer.
#[wasm_bindgen]
pub fn ask() -> u32 {
    let request = TEXT.take();
    let answer = crate::answer(&String::from_utf8_lossy(&request)).into_bytes();
    let len = u32::try_from(answer.len()).unwrap_or(0);
    TEXT.set(answer);
    len
}

/// Four bytes of the answer from this one on. The last ones are taken away with what was there before the next request.
#[wasm_bindgen]
pub fn get(at: u32) -> u32 {
    TEXT.with_borrow(|text| {
        let byte = |k: usize| text.get(at as usize + k).copied().unwrap_or(0);
        u32::from_le_bytes([byte(0), byte(1), byte(2), byte(3)])
    })
}

/// Forgets the answer.
#[wasm_bindgen]
pub fn clear() {
    TEXT.take();
}
