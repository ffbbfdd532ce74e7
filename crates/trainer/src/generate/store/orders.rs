//! What the customers of the made-up shop ordered.

use aisle_core::date::DAY_MS;
use aisle_core::protocol::{Order, OrderLine, OrderState, Tracking};
use rand::Rng;
use rand::seq::IndexedRandom;

use super::STORE_CURRENCY;
use super::catalogue::StoreProduct;
use super::people::StoreCustomer;

/// Every state, with how many days ago an order that is in it now was placed, from and to.
const STATES: [(OrderState, u64, u64); 11] = [
    (OrderState::Placed, 1, 1),
    (OrderState::Paid, 1, 2),
    (OrderState::Packed, 1, 3),
    (OrderState::Shipped, 3, 5),
    (OrderState::OutForDelivery, 4, 6),
    (OrderState::Delivered, 9, 25),
    (OrderState::Cancelled, 3, 60),
    (OrderState::ReturnRequested, 12, 30),
    (OrderState::ExchangeRequested, 12, 30),
    (OrderState::Returned, 20, 60),
    (OrderState::Refunded, 25, 90),
];
/// Of how many orders one is not over yet, or went another way than usual.
const SETTLED_FOR_ONE: usize = 4;
/// Days back to the first order.
const HISTORY_DAYS: u64 = 540;
/// What delivery costs, and from which sum on it does not.
const SHIPPING_MINOR: u32 = 495;
const FREE_FROM_MINOR: u32 = 7_500;
/// How often another line is of the same maker as the one before.
const SAME_MAKER: f64 = 0.6;
/// Number of the first order.
const FIRST_NUMBER: usize = 10_001;

/// Makes so many orders, the first one first.
pub(super) fn orders(
    products: &[StoreProduct],
    customers: &[StoreCustomer],
    count: usize,
    today_ms: u64,
    rng: &mut impl Rng,
) -> Vec<Order> {
    let mut plans: Vec<(u64, OrderState)> = (0..count).map(|at| plan(at, count, rng)).collect();
    // The oldest first; of one day, in the order in which they were made.
    plans.sort_by_key(|(days_ago, _)| std::cmp::Reverse(*days_ago));
    let numbered = plans.into_iter().zip(FIRST_NUMBER..);
    numbered
        .filter_map(|((days_ago, state), number)| {
            let customer = customers.choose(rng)?;
            let lines = lines(products, rng);
            let placed_at_ms = today_ms.saturating_sub(days_ago * DAY_MS) + minute_of_day(rng);
            let goods: u32 = lines.iter().map(|line| line.quantity * line.price_minor).sum();
            let shipping_minor = if goods < FREE_FROM_MINOR { SHIPPING_MINOR } else { 0 };
            let discount_minor = if rng.random_bool(0.1) { goods / 10 } else { 0 };
            let order = Order {
                number: format!("TT-{number}"),
                email: Some(customer.email.clone()),
                customer: Some(customer.id.clone()),
                state,
                placed_at_ms: Some(placed_at_ms),
                currency: STORE_CURRENCY.to_owned(),
                lines,
                shipping_minor,
                discount_minor,
                total_minor: goods + shipping_minor - discount_minor,
                tracking: vec![],
                shipped_at_ms: None,
                expected_at_ms: None,
                delivered_at_ms: None,
            };
            Some(sent(order, placed_at_ms, rng))
        })
        .collect()
}

/// How many days ago an order was placed, and how far it has come.
fn plan(at: usize, count: usize, rng: &mut impl Rng) -> (u64, OrderState) {
    let open = (count / SETTLED_FOR_ONE).max(STATES.len());
    match STATES.get(at % STATES.len()).filter(|_| at < open) {
        Some((state, from, to)) => (rng.random_range(*from..=*to), *state),
        None => (rng.random_range(30..=HISTORY_DAYS), OrderState::Delivered),
    }
}

/// Between seven in the morning and ten at night, in milliseconds.
fn minute_of_day(rng: &mut impl Rng) -> u64 {
    rng.random_range(7 * 60..22 * 60) * 60_000
}

/// One to four different products, each in one variant.
fn lines(products: &[StoreProduct], rng: &mut impl Rng) -> Vec<OrderLine> {
    let mut chosen: Vec<&StoreProduct> = Vec::new();
    let wanted = rng.random_range(1..=4).min(products.len());
    while chosen.len() < wanted {
        let before = chosen.last().filter(|_| rng.random_bool(SAME_MAKER));
        let alike: Vec<&StoreProduct> = products
            .iter()
            .filter(|p| before.is_none_or(|b| b.maker == p.maker))
            .filter(|p| !chosen.iter().any(|c| c.handle == p.handle))
            .collect();
        let fresh = || products.iter().find(|p| !chosen.iter().any(|c| c.handle == p.handle));
        match alike.choose(rng).copied().or_else(fresh) {
            Some(product) => chosen.push(product),
            None => break,
        }
    }
    let line = |product: &StoreProduct| {
        let variant = product.variants.choose(rng)?;
        let options: Vec<&str> = variant.options.iter().map(|(_, value)| value.as_str()).collect();
        Some(OrderLine {
            sku: variant.sku.clone(),
            title: format!("{} - {}", product.title, options.join(" / ")),
            quantity: if product.price_minor < 3_000 { rng.random_range(1..=3) } else { 1 },
            price_minor: variant.price_minor,
        })
    };
    chosen.into_iter().filter_map(line).collect()
}

/// The order with its parcels and days, as far as its state has any.
fn sent(mut order: Order, placed_at_ms: u64, rng: &mut impl Rng) -> Order {
    let has_left = !matches!(
        order.state,
        OrderState::Placed | OrderState::Paid | OrderState::Packed | OrderState::Cancelled
    );
    if !has_left {
        let is_coming = order.state != OrderState::Cancelled;
        order.expected_at_ms = is_coming.then(|| placed_at_ms + 4 * DAY_MS);
        return order;
    }
    // An order that left is at least three days old, one that arrived at least nine.
    let shipped_at_ms = placed_at_ms + rng.random_range(1..=2) * DAY_MS - DAY_MS / 4;
    order.shipped_at_ms = Some(shipped_at_ms);
    order.expected_at_ms = Some(shipped_at_ms + 3 * DAY_MS);
    if !matches!(order.state, OrderState::Shipped | OrderState::OutForDelivery) {
        order.delivered_at_ms = Some(shipped_at_ms + rng.random_range(2..=5) * DAY_MS);
    }
    let parcels = if order.lines.len() > 2 { 2 } else { 1 };
    order.tracking = (0..parcels)
        .map(|_| {
            let number = format!("AP{:09}IE", rng.random_range(0..1_000_000_000_u32));
            let url = format!("https://atlanticpost.example/follow/{number}");
            Tracking { carrier: "Atlantic Post".to_owned(), number, url }
        })
        .collect();
    order
}
