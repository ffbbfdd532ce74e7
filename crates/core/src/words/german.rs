//! German.

use super::Words;

pub(super) static GERMAN: Words = Words {
    found: "Das habe ich gefunden:",
    found_as_well: "Diese Produkte könnten auch passen:",
    not_found: "Dazu habe ich auf den Seiten und unter den Produkten von {} nichts gefunden.",
    no_such_thing: "So etwas gibt es bei {} nicht.",
    try_again: "Versuchen Sie es mit anderen Worten, oder fragen Sie das Team über die \
                Kontaktseite.",
    no_such_price: "So etwas gibt es bei {} zu diesem Preis nicht. Versuchen Sie es mit einem \
                    anderen Preis.",
    only_with: "Bei {} gibt es das nur mit dem, was Sie nicht möchten: {}.",
    greeting: "Hallo! Fragen Sie mich nach den Produkten von {}, nach einer Bestellung, der \
               Lieferung oder der Rückgabe.",
    closing: "Gern geschehen. Ich bin da, wenn Sie noch etwas wissen möchten.",
    affirm: "Gut. Was möchten Sie wissen?",
    deny: "In Ordnung. Sagen Sie mir, was Sie suchen, und ich versuche es noch einmal.",
    cart_question: "Soll das in Ihren Warenkorb?",
    return_noted: "Ihr Wunsch, die Bestellung {} zurückzusenden, ist für das Team des Shops \
                   notiert.",
    return_contact: "Fragen Sie dort, wie es weitergeht: {}",
    person_noted: "Ihr Wunsch, mit einem Menschen zu sprechen, ist für das Team des Shops \
                   notiert. In diesem Chat kann es nicht antworten.",
    person_contact: "Eine Antwort bekommen Sie hier: {}",
};
