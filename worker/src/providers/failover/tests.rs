use std::cell::RefCell;
use std::collections::VecDeque;

use futures_util::FutureExt;
use futures_util::stream;
use proptest::prelude::*;

use super::*;
use crate::ports::{ManualClock, NoChance, Usage};

type Pieces = Vec<Result<Piece, ModelError>>;

/// A model that does another thing each time it is asked, and nothing at all after that.
#[derive(Clone, Default)]
struct Moody {
    replies: Rc<RefCell<VecDeque<Pieces>>>,
    asked: Rc<RefCell<u32>>,
}

impl Moody {
    fn new(replies: impl IntoIterator<Item = Pieces>) -> Self {
        let replies = Rc::new(RefCell::new(replies.into_iter().collect()));
        Self { replies, ..Self::default() }
    }
}

impl Model for Moody {
    fn ask(&self, _: ModelRequest) -> LocalBoxStream<'static, Result<Piece, ModelError>> {
        *self.asked.borrow_mut() += 1;
        let pieces = self.replies.borrow_mut().pop_front().unwrap_or_default();
        stream::iter(pieces).boxed_local()
    }
}

struct World {
    models: Vec<Moody>,
    clock: ManualClock,
    failover: Failover<ManualClock, NoChance>,
}

impl World {
    fn new(models: Vec<Moody>) -> Self {
        let clock = ManualClock::default();
        let names = ["first", "second", "third"];
        let candidates = models.iter().zip(names).map(|(model, name)| Candidate {
            name: name.to_owned(),
            model: Rc::new(model.clone()),
        });
        let failover = Failover::new(
            candidates.collect(),
            TrackRecords::default(),
            clock.clone(),
            NoChance,
            |_| {},
        );
        Self { models, clock, failover }
    }

    fn ask(&self) -> Pieces {
        let request = ModelRequest { messages: vec![], tools: [].into(), max_tokens: 9 };
        self.failover.ask(request).collect().now_or_never().unwrap()
    }

    fn asked(&self) -> Vec<u32> {
        self.models.iter().map(|model| *model.asked.borrow()).collect()
    }
}

fn says(text: &str) -> Pieces {
    vec![Ok(Piece::Text(text.to_owned()))]
}

fn fails(error: ModelError) -> Pieces {
    vec![Err(error)]
}

fn status(status: u16, retry_after_ms: Option<u32>) -> ModelError {
    ModelError::Status { status, retry_after_ms }
}

#[test]
fn what_is_tried_again_and_what_is_not() {
    let network = || ModelError::Network("refused".to_owned());
    for (error, asked) in [
        (network(), [2, 0]),
        (status(500, None), [2, 0]),
        (status(529, None), [2, 0]),
        (status(429, Some(1_000)), [2, 0]),
        (status(429, Some(60_000)), [1, 1]),
        (ModelError::Failed("overloaded_error".into()), [2, 0]),
        (status(400, None), [1, 1]),
        (status(401, None), [1, 1]),
        (status(403, Some(1)), [1, 1]),
        (status(404, None), [1, 1]),
        (ModelError::Silent, [1, 1]),
        (ModelError::Protocol("html".into()), [1, 1]),
        (ModelError::Refused("refusal".into()), [1, 0]),
    ] {
        let world = World::new(vec![
            Moody::new([fails(error.clone()), says("a")]),
            Moody::new([says("b")]),
        ]);
        let pieces = world.ask();
        assert_eq!(world.asked(), asked, "{error}");
        match asked {
            [2, 0] => assert_eq!(pieces, says("a")),
            [1, 1] => assert_eq!(pieces, says("b")),
            _ => assert_eq!(pieces, fails(error)),
        }
    }
}

#[test]
fn the_pause_is_what_the_provider_asks_for_or_what_chance_gives() {
    for (error, pause_ms) in [
        (status(503, None), u64::from(PAUSE_MS / 2)),
        (status(429, Some(1)), u64::from(PAUSE_MS / 2)),
        (status(429, Some(1_500)), 1_500),
    ] {
        let world = World::new(vec![Moody::new([fails(error), says("a")])]);
        assert_eq!(world.ask(), says("a"));
        assert_eq!(world.clock.now_ms(), pause_ms);
    }
}

#[test]
fn after_the_first_piece_nothing_is_tried_again() {
    let cut = ModelError::Network("cut".to_owned());
    let broken = [says("We "), fails(cut.clone())].concat();
    let world = World::new(vec![Moody::new([broken.clone()]), Moody::new([says("b")])]);
    assert_eq!(world.ask(), broken);
    assert_eq!(world.asked(), [1, 0]);
}

#[test]
fn what_a_failed_try_took_is_told_and_is_no_beginning() {
    let usage = Ok(Piece::Usage(Usage { input_tokens: 3, ..Usage::default() }));
    let empty = vec![usage.clone(), Err(ModelError::Protocol("an empty answer".to_owned()))];
    let world = World::new(vec![Moody::new([empty]), Moody::new([says("b")])]);
    assert_eq!(world.ask(), [vec![usage], says("b")].concat());
}

#[test]
fn when_all_fail_the_last_reason_is_told() {
    let world = World::new(vec![
        Moody::new([fails(status(401, None))]),
        Moody::new([fails(status(500, None)), fails(status(502, None))]),
    ]);
    assert_eq!(world.ask(), fails(status(502, None)));
    assert_eq!(world.asked(), [1, 2]);
    assert_eq!(World::new(vec![]).ask(), fails(ModelError::Unavailable));
    assert_eq!(
        World::new(vec![Moody::new([vec![]])]).ask().len(),
        1,
        "an empty answer is a failure"
    );
}

#[test]
fn a_provider_that_fails_again_and_again_is_left_alone_for_a_while() {
    let bad = Moody::new((0..9).map(|_| fails(status(401, None))));
    let good = Moody::new((0..9).map(|_| says("b")));
    let world = World::new(vec![bad, good]);
    for _ in 0..5 {
        assert_eq!(world.ask(), says("b"));
    }
    assert_eq!(world.asked(), [3, 5]);
    world.clock.sleep(10_000).now_or_never();
    assert_eq!(world.ask(), says("b"));
    assert_eq!(world.asked(), [4, 6]);

    // A request that is wrong says nothing of the provider.
    let wrong = Moody::new((0..9).map(|_| fails(status(400, None))));
    let world = World::new(vec![wrong]);
    for _ in 0..5 {
        assert_eq!(world.ask(), fails(status(400, None)));
    }
    assert_eq!(world.asked(), [5]);

    // One that asks for time has it.
    let busy = Moody::new([fails(status(429, Some(30_000))), says("a")]);
    let world = World::new(vec![busy]);
    assert_eq!(world.ask(), fails(status(429, Some(30_000))));
    assert_eq!(world.ask(), fails(ModelError::Unavailable));
    world.clock.sleep(30_000).now_or_never();
    assert_eq!(world.ask(), says("a"));
}

fn errors() -> impl Strategy<Value = ModelError> {
    prop_oneof![
        (200u16..600, prop::option::of(any::<u32>()))
            .prop_map(|(code, retry_after_ms)| status(code, retry_after_ms)),
        Just(ModelError::Silent),
        Just(ModelError::Network(String::new())),
        Just(ModelError::Failed(String::new())),
        Just(ModelError::Refused(String::new())),
        Just(ModelError::Protocol(String::new())),
    ]
}

proptest! {
    /// Whatever happens, the shopper waits a bounded time, what is said is said by one provider, and
    /// an error is the last thing.
    #[test]
    fn one_answer_or_one_error(
        models in prop::collection::vec(
            prop::collection::vec((0usize..3, prop::option::of(errors())), 0..5), 0..4),
    ) {
        let moody = models.iter().zip(["a", "b", "c", "d"]).map(|(replies, name)| {
            Moody::new(replies.iter().map(|(texts, error)| {
                let texts = (0..*texts).flat_map(|_| says(name));
                texts.chain(error.clone().map(Err)).collect::<Pieces>()
            }))
        });
        let world = World::new(moody.take(3).collect());
        for _ in 0..4 {
            let before_ms = world.clock.now_ms();
            let pieces = world.ask();
            prop_assert!(world.clock.now_ms() - before_ms <= 3 * u64::from(MAX_PAUSE_MS));
            let errors = pieces.iter().filter(|piece| piece.is_err()).count();
            let texts: Vec<_> = pieces.iter().filter_map(|piece| piece.as_ref().ok()).collect();
            prop_assert!(texts.windows(2).all(|pair| pair[0] == pair[1]));
            prop_assert!(errors <= 1 && (errors == 0) != pieces.last().is_none_or(Result::is_err));
        }
    }
}
