//! English, which stands in for every language without words.

use super::Words;

/// English.
pub static ENGLISH: Words = Words {
    found: "Here is what I found:",
    found_as_well: "These products may fit too:",
    not_found: "I could not find that in {}'s pages or products.",
    no_such_thing: "{} has nothing like that.",
    try_again: "Try other words, or ask the team through the contact page.",
    no_such_price: "{} has nothing like that at this price. Try another price.",
    only_with: "{} has that only with what you do not want: {}.",
    greeting: "Hello! Ask me about {}'s products, an order, delivery or returns.",
    closing: "You are welcome. I am here if anything else comes up.",
    affirm: "Good. What would you like to know?",
    deny: "All right. Tell me what you are looking for and I will try again.",
    cart_question: "Shall this go into your cart?",
    return_noted: "Your wish to send order {} back is noted for the shop's team.",
    return_contact: "Ask them how it goes on: {}",
    person_noted: "Your wish to speak to a person is noted for the shop's team. They cannot answer \
                   in this chat.",
    person_contact: "For an answer, contact them: {}",
};
