const ordinary = new Set(
  `
  a able about above accept accepts account accounts actually add admin after again alike alikes
  all allow allowed allows alone along alphabetic alphanumeric also alternative alternatives
  always ambiguous ampersand ampersands an and another answer any anything anyway apostrophe
  apostrophes app application apply are as ask asking asterisk at attack auditor avoid backslash
  backslashes backtick backticks based be because been before being below best better between
  beyond both braces bracket brackets bring build but by called can candidate candidates cannot
  capital capitals caret case challenging change char character characters chars check choice
  choices choose class classes code codes colon combination come comma commas complete complex
  confused confusing consist consisting consonants contain containing contains correct could
  count couple crack create current dash dashes decent default device did different difficult
  digit digits do does dollar don't dots dozen each easily easy eight eighteen either eleven
  else enough ensure enter entirely entropy equals ever every everything exactly example exceed
  except exclamation exclude excluded excluding extra extremely fairly feel few fewer fifteen
  fifty find fine first five following food for forbid four fourteen fourth free fresh from
  general generate generated generating generator get give given good got great guess guessable
  hack had half handle hard has hash have having he hello help her here hex hexadecimal high
  highly him home how however hundred hyphen hyphens i ideally if in include included includes
  including instead into is it item items its joined just keep know last least leave length less
  let letter letters like list little local login long longer look look-alike look-alikes
  lookalike lookalikes looking looks lot lots lower lowercase made make makes making many mark
  marks maximal maximum may maybe me means meets memorable memorise memorize might minimum minus
  mix mixed mixture more most much multiple must my name named need needed needs never new next
  nice nine nineteen no none nor not nothing number numbers numeric obey of off okay old omit on
  once one ones online only option options or other others otherwise our out over own
  parentheses pass passcode passphrase passphrases password passwords per percent period permit
  personal phone phrase phrases pick pin pins pipe plain please plus possible prefer preferably
  produce proper protect provide punctuation purpose put question quick quite quotation quotes
  random randomly rather read readable really reasonable recommend register remember remote
  request require required requirement requirements requires right robust root rule rules safe
  same satisfies say second secret secrets secure secured security semicolon sentence separate
  separated server service set seven seventeen several shall she should show sign signs signup
  similar simple simply single site six sixteen sixty skip slashes small so solid some someone
  something space spaces special speed start starting still store strength string strong
  stronger strongest stuff such suggest suggestion suggestions sum super supports sure symbol
  symbols system take tell ten than thank thanks that the their them then there these they thing
  things think third thirteen thirty this those three throughout tilde time times to too tool
  totally tough tried try twelve twenty twice type typing ultra uncrackable under underscore
  underscores unguessable unique unless until upper uppercase us use used useful user username
  users uses using usual very via vowel vowels want wants was way we website well were what when
  where whether which while who why will wish with within without word words work works would
  write year yes yet you your yours zero
  `
    .trim()
    .split(/\s+/),
)

/** Whether a word is ordinary in a request for a password, and so says nothing about a person. */
export function isOrdinary(word: string): boolean {
  return ordinary.has(word.toLowerCase())
}
