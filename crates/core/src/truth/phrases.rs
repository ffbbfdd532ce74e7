//! What is shown where a statement does not hold.

use super::claim::Claim;

/// English, German, French, Spanish.
type Phrases = [&'static str; 4];

const PRICE: Phrases =
    ["(see the product page)", "(siehe Produktseite)", "(voir la fiche produit)", "(ver la ficha)"];
const OFFER: Phrases = [
    "(see the offers page)",
    "(siehe Angebotsseite)",
    "(voir la page des offres)",
    "(ver las ofertas)",
];
const LINK: Phrases = ["(link removed)", "(Link entfernt)", "(lien retiré)", "(enlace retirado)"];
const CONTACT: Phrases = [
    "(see the contact page)",
    "(siehe Kontaktseite)",
    "(voir la page de contact)",
    "(ver la página de contacto)",
];
const TIME: Phrases =
    ["(timing to be confirmed)", "(Termin offen)", "(délai à confirmer)", "(plazo por confirmar)"];
const ORDER: Phrases = [
    "(status on the order page)",
    "(Stand siehe Bestellseite)",
    "(voir la page de suivi)",
    "(ver el seguimiento)",
];
const STOCK: Phrases = [
    "(see the product page for stock)",
    "(Bestand siehe Produktseite)",
    "(stock sur la fiche produit)",
    "(existencias en la ficha)",
];
const NAME: Phrases =
    ["(an unlisted item)", "(ein anderer Artikel)", "(un autre article)", "(otro artículo)"];
const IN_STOCK: Phrases = ["in stock", "auf Lager", "en stock", "en existencia"];
const SOLD_OUT: Phrases = ["sold out", "ausverkauft", "épuisé", "agotado"];

fn of(phrases: Phrases, language: usize) -> &'static str {
    phrases.get(language).copied().unwrap_or_default()
}

/// In place of a claim that nothing backs.
pub(super) fn withheld(claim: &Claim, language: usize) -> &'static str {
    let phrases = match claim {
        Claim::Money(_) => PRICE,
        Claim::Percent(_) | Claim::Deal(_) | Claim::Code(_) => OFFER,
        Claim::Link(_) => LINK,
        Claim::Digits(_) => CONTACT,
        Claim::When(_) => TIME,
        Claim::State(..) => ORDER,
        Claim::Stock { .. } | Claim::Count(_) => STOCK,
    };
    of(phrases, language)
}

/// In place of the name of a product that the shop does not have.
pub(super) fn name(language: usize) -> &'static str {
    of(NAME, language)
}

/// How it is said whether there is stock.
pub(super) fn stock(is_there: bool, language: usize) -> &'static str {
    of(if is_there { IN_STOCK } else { SOLD_OUT }, language)
}
