//! French.

use super::Words;

pub(super) static FRENCH: Words = Words {
    found: "Voici ce que j’ai trouvé :",
    found_as_well: "Ces produits pourraient aussi convenir :",
    not_found: "Je n’ai rien trouvé à ce sujet dans les pages ni dans les produits de {}.",
    no_such_thing: "{} n’a rien de tel.",
    try_again: "Essayez avec d’autres mots, ou écrivez à l’équipe par la page de contact.",
    no_such_price: "{} n’a rien de tel à ce prix. Essayez un autre prix.",
    only_with: "{} ne l’a qu’avec ce que vous ne voulez pas : {}.",
    greeting: "Bonjour ! Posez-moi vos questions sur les produits de {}, une commande, la \
               livraison ou les retours.",
    closing: "Je vous en prie. Je reste à votre disposition.",
    affirm: "Bien. Que souhaitez-vous savoir ?",
    deny: "D’accord. Dites-moi ce que vous cherchez et je réessaierai.",
    cart_question: "Faut-il l’ajouter à votre panier ?",
    return_noted: "Votre souhait de renvoyer la commande {} est noté pour l’équipe de la boutique.",
    return_contact: "Demandez-lui la suite : {}",
    person_noted: "Votre souhait de parler à une personne est noté pour l’équipe de la boutique. \
                   Elle ne peut pas répondre dans ce chat.",
    person_contact: "Pour une réponse, contactez-la : {}",
};
