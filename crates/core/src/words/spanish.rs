//! Spanish.

use super::Words;

pub(super) static SPANISH: Words = Words {
    found: "Esto es lo que he encontrado:",
    found_as_well: "Estos productos también podrían encajar:",
    not_found: "No he encontrado nada de eso en las páginas ni en los productos de {}.",
    no_such_thing: "{} no tiene nada parecido.",
    try_again: "Pruebe con otras palabras o escriba al equipo por la página de contacto.",
    no_such_price: "{} no tiene nada parecido a ese precio. Pruebe con otro precio.",
    only_with: "{} solo lo tiene con lo que usted no quiere: {}.",
    greeting: "¡Hola! Pregúnteme por los productos de {}, un pedido, el envío o las devoluciones.",
    closing: "De nada. Aquí estoy si necesita algo más.",
    affirm: "Bien. ¿Qué le gustaría saber?",
    deny: "De acuerdo. Dígame qué busca y lo intentaré de nuevo.",
    cart_question: "¿Lo añadimos a su carrito?",
    return_noted: "Su deseo de devolver el pedido {} queda anotado para el equipo de la tienda.",
    return_contact: "Pregúntele cómo sigue: {}",
    person_noted: "Su deseo de hablar con una persona queda anotado para el equipo de la tienda. No \
                   puede responder en este chat.",
    person_contact: "Para una respuesta, póngase en contacto: {}",
};
