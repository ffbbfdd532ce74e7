//! The truth check between a model and everything else: what is stored, streamed and said again is
//! the checked text.

use aisle_core::answer::Grounding;
use aisle_core::index::Index;
use aisle_core::protocol::{Message, Role};
use aisle_core::truth::{Checker, Facts};
use futures_util::stream::{LocalBoxStream, StreamExt, unfold};

use crate::ports::ModelError;

/// Earlier messages whose words may be said again; a model is given no more of them.
const EARLIER: usize = 16;

/// What an answer may rest on: what the model is given, and what was said before.
pub fn facts(
    shop: &str,
    origins: &[String],
    index: &Index,
    grounding: &Grounding,
    earlier: &[Message],
    question: &str,
) -> Facts {
    let mut facts = Facts::new(shop, origins);
    for product in grounding.all_products() {
        facts.product(product);
    }
    for section in grounding.all_sections() {
        facts.text(&section.source.title);
        facts.text(&section.text);
        facts.link(&section.source.url);
    }
    for action in index.actions().filter_map(|action| index.action(action)) {
        facts.link(&action.url);
    }
    for message in earlier.iter().rev().take(EARLIER) {
        match message.role {
            Role::Shopper => facts.hear(&message.text),
            Role::Assistant => facts.text(&message.text),
        }
        for product in &message.products {
            facts.product(product);
        }
    }
    facts.hear(question);
    facts
}

/// The pieces of a model's answer as far as they hold. An error ends them, after what was held
/// back and holds: a cut answer is shown as far as it came.
pub fn checked(
    pieces: LocalBoxStream<'static, Result<String, ModelError>>,
    facts: Facts,
) -> LocalBoxStream<'static, Result<String, ModelError>> {
    struct Checking {
        pieces: LocalBoxStream<'static, Result<String, ModelError>>,
        checker: Checker,
        failed: Option<ModelError>,
        is_over: bool,
    }
    let start = Checking { pieces, checker: Checker::new(facts), failed: None, is_over: false };
    unfold(start, |mut checking| async move {
        loop {
            if let Some(error) = checking.failed.take() {
                return Some((Err(error), checking));
            }
            if checking.is_over {
                return None;
            }
            let text = match checking.pieces.next().await {
                Some(Ok(piece)) => checking.checker.push(&piece),
                end => {
                    checking.is_over = true;
                    checking.failed = end.and_then(Result::err);
                    checking.checker.finish()
                }
            };
            if !text.is_empty() {
                return Some((Ok(text), checking));
            }
        }
    })
    .boxed_local()
}

#[cfg(test)]
mod tests {
    use super::*;
    use aisle_core::protocol::ProductCard;
    use futures_util::{FutureExt, stream};

    fn mug() -> ProductCard {
        ProductCard {
            sku: "1".into(),
            handle: "red-spot-mug".into(),
            title: "Red Spot Mug".into(),
            url: "/products/red-spot-mug".into(),
            image: String::new(),
            price_minor: 425,
            compare_at_minor: None,
            currency: "GBP".into(),
            available: true,
        }
    }

    fn read(pieces: Vec<Result<String, ModelError>>) -> (String, Option<ModelError>) {
        let mut facts = Facts::new("Shop", &[]);
        facts.product(&mug());
        let pieces = stream::iter(pieces).boxed_local();
        let all: Vec<_> = checked(pieces, facts).collect().now_or_never().unwrap();
        let error = all.iter().find_map(|piece| piece.clone().err());
        (all.into_iter().filter_map(Result::ok).collect(), error)
    }

    #[test]
    fn a_lie_in_pieces_is_no_less_one() {
        let text = "The Red Spot Mug costs £9.99 and is sold out, see evil.com now.";
        let expected = "The Red Spot Mug costs £4.25 and is in stock, see (link removed) now.";
        for size in [1, 2, 3, 7, 100] {
            let chars: Vec<char> = text.chars().collect();
            let pieces = chars.chunks(size).map(|piece| Ok(piece.iter().collect())).collect();
            assert_eq!(read(pieces), (expected.to_owned(), None), "{size}");
        }
    }

    #[test]
    fn what_was_held_back_comes_before_the_error() {
        let cut = ModelError::Network("cut".into());
        let pieces = vec![Ok("It costs £4.2".to_owned()), Err(cut.clone())];
        assert_eq!(read(pieces), ("It costs (see the product page)".to_owned(), Some(cut.clone())));
        assert_eq!(read(vec![Err(cut.clone())]), (String::new(), Some(cut)));
        assert_eq!(read(vec![]), (String::new(), None));
    }
}
