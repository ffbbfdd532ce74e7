//! Words that facts are told with, in English, German, French and Spanish.

use std::sync::LazyLock;

use super::money::UNKNOWN;

/// An ISO 4217 code.
pub(super) type Currency = [u8; 3];

/// Lengths of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Unit {
    Minute,
    Hour,
    Day,
    Week,
    Month,
    Year,
}

/// What became of an order, a parcel or a refund.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum State {
    Sent,
    Delivered,
    Refunded,
    Cancelled,
    Processed,
    Returned,
    Delayed,
    Done,
}

/// What a word says, as far as it matters here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    Plain,
    Number(u32),
    /// Makes a number larger: thousand, dozen.
    Scale,
    Currency(Currency),
    /// The hundredth of a currency.
    Penny(Currency),
    /// A sum that has a name, in whole units.
    Sum(u32),
    Percent,
    Unit(Unit),
    Month(u8),
    Weekday(u8),
    /// A day counted from today.
    Soon,
    Today,
    Feast,
    /// Comes before a time: by, within.
    Preposition,
    /// Has, was, is.
    Auxiliary,
    Adverb,
    State(State),
    /// What follows is not claimed: if, when, once.
    If,
    Negation,
    CodeWord,
    /// Costs, price.
    Price,
    /// An amount after it is a limit from above.
    Under,
    /// An amount after it is a limit from below.
    Over,
    /// What is paid for beside a product: delivery.
    Fee,
    /// An order, a parcel, a refund.
    Order,
    Measure,
    /// Stands for what was named before.
    Pronoun,
}

const WORDS: &[(Class, &str)] = &[
    (Class::Number(0), "zero null cero"),
    (Class::Number(1), "one ein eins eine einen einem einer uno una un une"),
    (Class::Number(2), "two zwei deux dos"),
    (Class::Number(3), "three drei trois tres"),
    (Class::Number(4), "four vier quatre cuatro"),
    (Class::Number(5), "five funf cinq cinco"),
    (Class::Number(6), "six sechs seis"),
    (Class::Number(7), "seven sieben sept siete"),
    (Class::Number(8), "eight acht huit ocho"),
    (Class::Number(9), "nine neun neuf nueve"),
    (Class::Number(10), "ten zehn dix diez"),
    (Class::Number(11), "eleven elf onze"),
    (Class::Number(12), "twelve zwolf douze doce"),
    (Class::Number(13), "thirteen dreizehn treize trece"),
    (Class::Number(14), "fourteen vierzehn quatorze catorce"),
    (Class::Number(15), "fifteen funfzehn quinze quince"),
    (Class::Number(16), "sixteen sechzehn seize dieciseis"),
    (Class::Number(17), "seventeen siebzehn diecisiete"),
    (Class::Number(18), "eighteen achtzehn dieciocho"),
    (Class::Number(19), "nineteen neunzehn diecinueve"),
    (Class::Number(20), "twenty zwanzig vingt veinte"),
    (Class::Number(30), "thirty dreissig dreißig trente treinta"),
    (Class::Number(40), "forty vierzig quarante cuarenta"),
    (Class::Number(50), "fifty funfzig cinquante cincuenta"),
    (Class::Number(60), "sixty sechzig soixante sesenta"),
    (Class::Number(70), "seventy siebzig setenta"),
    (Class::Number(80), "eighty achtzig ochenta"),
    (Class::Number(90), "ninety neunzig noventa"),
    (
        Class::Scale,
        "hundred thousand million dozen grand k hundert tausend cent mille cien ciento mil",
    ),
    (Class::Currency(*b"GBP"), "pound pounds quid gbp sterling pfund livre livres libra libras"),
    (Class::Currency(*b"EUR"), "euro euros eur"),
    (Class::Currency(*b"USD"), "dollar dollars usd bucks buck dolares dolar"),
    (Class::Currency(*b"CHF"), "chf francs franken francos"),
    (Class::Currency(*b"JPY"), "yen jpy"),
    (Class::Currency(*b"SEK"), "sek kr kronor kronen kroner nok dkk"),
    (Class::Currency(*b"INR"), "inr rupees rupee rs"),
    (Class::Currency(*b"PLN"), "pln zloty"),
    (Class::Currency(*b"AUD"), "aud"),
    (Class::Currency(*b"CAD"), "cad"),
    (Class::Currency(*b"CNY"), "cny rmb yuan"),
    (Class::Currency(*b"BTC"), "btc bitcoin bitcoins"),
    (Class::Penny(*b"GBP"), "p pence penny pennies"),
    (Class::Penny(UNKNOWN), "cents centimes centimos centavos"),
    (Class::Sum(5), "fiver"),
    (Class::Sum(10), "tenner"),
    (Class::Percent, "percent percents pct prozent pourcent"),
    (Class::Unit(Unit::Minute), "minute minutes min mins minuten minuto minutos"),
    (Class::Unit(Unit::Hour), "hour hours hrs hr stunde stunden heure heures hora horas"),
    (
        Class::Unit(Unit::Day),
        "day days tag tage tagen werktag werktage werktagen arbeitstage arbeitstagen jour jours dia dias fortnight",
    ),
    (
        Class::Unit(Unit::Week),
        "week weeks woche wochen semaine semaines semana semanas weekend wochenende",
    ),
    (Class::Unit(Unit::Month), "month months monat monate monaten mois mes meses"),
    (Class::Unit(Unit::Year), "year years jahr jahre jahren ans annees ano anos"),
    (Class::Month(1), "january jan januar janvier enero"),
    (Class::Month(2), "february feb februar fevrier febrero"),
    (Class::Month(3), "march mar marz mars marzo"),
    (Class::Month(4), "april apr avril abril"),
    (Class::Month(5), "may mai mayo"),
    (Class::Month(6), "june jun juni juin junio"),
    (Class::Month(7), "july jul juli juillet julio"),
    (Class::Month(8), "august aug aout agosto"),
    (Class::Month(9), "september sep septembre septiembre"),
    (Class::Month(10), "october oct oktober octobre octubre"),
    (Class::Month(11), "november nov novembre noviembre"),
    (Class::Month(12), "december dec dezember decembre diciembre"),
    (Class::Weekday(1), "monday mondays montag montags lundi lunes"),
    (Class::Weekday(2), "tuesday tuesdays dienstag dienstags mardi martes"),
    (Class::Weekday(3), "wednesday wednesdays mittwoch mittwochs mercredi miercoles"),
    (Class::Weekday(4), "thursday thursdays donnerstag donnerstags jeudi jueves"),
    (Class::Weekday(5), "friday fridays freitag freitags vendredi viernes"),
    (Class::Weekday(6), "saturday saturdays samstag samstags samedi sabado"),
    (Class::Weekday(7), "sunday sundays sonntag sonntags dimanche domingo"),
    (
        Class::Soon,
        "tomorrow overnight morgen ubermorgen demain manana noon midday midnight yesterday gestern ayer",
    ),
    (Class::Today, "today tonight heute aujourd'hui hoy"),
    (Class::Feast, "christmas xmas easter halloween weihnachten ostern noel navidad"),
    (
        Class::Preposition,
        "by on within in before until till after from since around about for ab bis innerhalb am binnen vor dans sous avant d'ici le dentro antes el para hasta",
    ),
    (
        Class::Auxiliary,
        "has have had was were is are been being got it's i've we've they've that's wurde wurden ist sind hat haben habe ete est sont avons fue ha han sido hemos esta estan hasn't haven't wasn't weren't isn't aren't",
    ),
    (
        Class::Adverb,
        "already just now successfully fully safely currently still also actually officially finally recently bereits schon jetzt gerade deja maintenant ya ahora",
    ),
    (
        Class::State(State::Sent),
        "shipped dispatched despatched posted sent versandt verschickt versendet unterwegs expedie expediee envoye envoyee enviado enviada",
    ),
    (
        Class::State(State::Delivered),
        "delivered arrived zugestellt geliefert angekommen livree entregado entregada",
    ),
    (
        Class::State(State::Refunded),
        "refunded reimbursed credited issued erstattet zuruckerstattet rembourse remboursee reembolsado reembolsada",
    ),
    (
        Class::State(State::Cancelled),
        "cancelled canceled storniert annule annulee cancelado cancelada anulado",
    ),
    (
        Class::State(State::Processed),
        "processed packed approved confirmed accepted paid reserved placed bearbeitet bestatigt traite confirme procesado confirmado",
    ),
    (Class::State(State::Returned), "returned received lost retourniert perdu devuelto"),
    (Class::State(State::Delayed), "delayed held stuck verspatet retarde retrasado"),
    (Class::State(State::Done), "completed completado abgeschlossen upgraded applied activated"),
    (
        Class::If,
        "if when once whenever whether unless sobald wenn falls ob si quand lorsque cuando",
    ),
    (Class::Negation, "not no never nicht kein keine nie pas isnt arent"),
    (
        Class::CodeWord,
        "code codes voucher vouchers coupon coupons promo promocode gutscheincode gutschein rabattcode aktionscode codigo cupon vale",
    ),
    (
        Class::Price,
        "cost costs costing price priced prices kostet kosten preis coute coutent prix cuesta cuestan precio",
    ),
    (Class::Under, "under below unter moins menos budget max maximum most than beneath"),
    (Class::Over, "over above uber more least minimum spend orders basket plus mehr desde"),
    (
        Class::Fee,
        "delivery shipping postage standard express courier surcharge fee charge lieferung versand livraison envio gift limit threshold handling collection",
    ),
    (
        Class::Order,
        "order parcel package refund shipment return item items payment bestellung paket sendung ruckerstattung erstattung commande colis remboursement pedido paquete reembolso tracking money purchase",
    ),
    (
        Class::Measure,
        "cm mm m metre metres meter meters inch inches ft foot feet ml cl l litre litres g kg grams gram stars star oz lb lbs pieces piece sheets pack packs people persons tier litros x watt watts w pm a.m p.m uhr degrees",
    ),
    (
        Class::Pronoun,
        "it this they these both each that them all ones cheapest er sie das il elle ils elles ce cela este estos ambos",
    ),
];

static SORTED: LazyLock<Vec<(&str, Class)>> = LazyLock::new(|| {
    let words = WORDS.iter().flat_map(|(class, words)| words.split(' ').map(|word| (word, *class)));
    let mut sorted: Vec<(&str, Class)> = words.collect();
    sorted.sort_unstable_by_key(|(word, _)| *word);
    sorted
});

/// What a folded word says.
pub(super) fn class(word: &str) -> Class {
    let found = SORTED.binary_search_by_key(&word, |(known, _)| known).ok();
    found.and_then(|at| SORTED.get(at)).map_or(Class::Plain, |(_, class)| *class)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_has_one_class() {
        for pair in SORTED.windows(2) {
            assert_ne!(pair[0].0, pair[1].0, "{pair:?}");
        }
        assert_eq!(class("shipped"), Class::State(State::Sent));
        assert_eq!(class("mug"), Class::Plain);
    }
}
