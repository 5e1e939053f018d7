// English.

const a = (digit) => (digit === 8 ? "an 8" : `a ${digit}`);
const anyKind = "Save it as a PNG or JPEG first.";
const safe = "Your drawing is safe, and the page keeps trying.";

export default {
  // The page.
  titleDraw: "draw a digit",
  drawing: "Drawing",
  drawingArea: "Drawing area, for mouse, pen or finger",
  chosenPicture: "The picture you chose",
  invitation: "Draw a digit, or a number",
  dropHere: "Drop the picture here",
  upperLeft: "Upper left corner; the arrow keys move it, Enter crops",
  upperRight: "Upper right corner; the arrow keys move it, Enter crops",
  lowerLeft: "Lower left corner; the arrow keys move it, Enter crops",
  lowerRight: "Lower right corner; the arrow keys move it, Enter crops",
  tools: "Drawing tools",
  cancel: "Cancel",
  crop: "Crop",
  turn: "Turn",
  brush: "Brush size",
  eraser: "Eraser",
  undo: "Undo",
  redo: "Redo",
  upload: "Upload",
  uploadPicture: "Upload a picture",
  wide: "Wide sheet",
  wideLine: "A line to write on",
  clear: "Clear",
  submit: "Submit",
  enterKey: "Enter",
  deleteKey: "Delete",
  keySubmit: "submit",
  keyCorrect: "correct",
  keyClear: "clear",
  keyUndo: "undo",
  keyBrush: "brush",
  keyPaste: "paste",
  singleKeys: "Shortcuts with a single digit or bracket",
  answer: "Answer",
  empty: "Your digit will appear here",
  retry: "Try again",
  probabilities: "Probability of each digit",
  saw: "What the model saw",
  tryExample: "Or try an example:",
  correction: "Your correction",
  yes: "Yes",
  no: "No",
  whatIsIt: "What is it?",
  notADigit: "Not a digit",
  undoAnswer: "Undo my answer",
  keep: "Keep my drawing to teach the model",
  accuracyAndPrivacy: "Accuracy and privacy",
  sourceCode: "Source code",
  examples: { two: "Draw a 2", four: "Draw a 4", nine: "Draw a 9", star: "Draw a star" },

  // Answers. `sure` is a percentage.
  sure: (sure) => `${sure} sure`,
  sureOrElse: (sure, other) => `${sure} sure, or else ${other}`,
  numbersSure: (count, sure) => `${count} numbers, ${sure} sure or more`,
  unseen: "I can't see a digit,",
  guess: (digit) => `my best guess is ${digit}`,
  milliseconds: (time) => `in ${time} ms`,
  chosen: (digit, sure) => `The ${digit}: ${sure}`,
  chooseDigit: "Choose a digit to see its bars",
  numeral: (digit, sure) => `${digit}, ${sure} sure`,
  sawDigit: (digit, sure) => `The 28 by 28 pixels the model saw; it says ${digit}, ${sure} sure`,
  sawNone: (digit) => `The 28 by 28 pixels the model saw; it sees no digit, its best guess is ${digit}`,
  noAnswer: "no answer yet",
  bestGuess: "best guess",
  lessLikely: "less likely",

  // Why. `sure`, `before` and `after` are percentages.
  why: "Why?",
  whyTitle: "Show what speaks for the answer",
  whyDigit: (digit) => `Why ${digit}?`,
  mapOf: (digit) => `What speaks for ${digit}, and what against it`,
  speaksForAny: "speaks for the digit",
  speaksAgainstAny: "speaks against it",
  speaksFor: (digit) => `speaks for ${digit}`,
  speaksAgainst: (digit) => `speaks against ${digit}`,
  offTheInk: "Off the ink, a colour says what missing ink does.",
  wouldFall: (digit, before, after) => `Without the most orange tenth of its ink, ${digit} would fall from ${before} to ${after}.`,
  wouldBeWithout: (digit, sure) => `Without the blue ink, the network would answer ${digit}, ${sure} sure.`,
  wouldBeWith: (digit, sure) => `With ink in the blue gaps, the network would answer ${digit}, ${sure} sure.`,
  wouldBeAltered: (digit, sure) =>
    `Without the blue ink and with ink in the blue gaps, the network would answer ${digit}, ${sure} sure.`,
  chooseToExplain: "Choose a digit to see what speaks for it.",
  tooManyMaps: "Too many maps were asked for. The next one comes in a moment.",
  noMap: "There is no map right now.",
  mapNotLoaded: "The map needs a file that could not be loaded. Are you online?",

  // Corrections. `label` is a digit, or "none".
  isIt: (digit) => `Is it ${a(digit)}?`,
  thanks: (label) => `Thank you: it is ${label === "none" ? "not a digit" : a(label)}.`,
  kept: "Your drawing is kept.",
  unsent: "This could not be sent. Try again in a moment.",
  unsaved: "This could not be saved.",
  unsavedNow: (time) => `This could not be saved now. Try again in ${time}.`,
  seconds: (count) => (count === 1 ? "1 second" : `${count} seconds`),
  minutes: (count) => `${count} minutes`,

  // Problems, by the API's code.
  blank_image: "There is no ink in this picture. Choose one that shows a digit.",
  invalid_image: "This file cannot be opened as a picture. Choose a PNG or JPEG file.",
  unsupported_type: "This file is not a picture. Choose a PNG or JPEG file.",
  too_large: "This picture is too large. Choose a smaller one.",
  unreachable: `The server cannot be reached. ${safe}`,
  timeout: `The server takes too long to answer. ${safe}`,
  overloaded: `The server is busy. ${safe}`,
  http_error: `The server could not answer. ${safe}`,
  // Of the recognizer that runs in the browser:
  not_loaded: `The recognizer could not be loaded. ${safe}`,
  not_shown: "This browser cannot open this picture. Choose a PNG or JPEG file.",
  not_recognized: "This picture could not be recognized. Choose another one.",
  refused: "The server does not take this picture. Choose another one.",
  tooFast: (time) => `You are faster than this server allows. It answers again in ${time}.`,
  noInk: "There is no ink yet. Draw a digit first.",

  // The page without a server. Sizes are in megabytes.
  onThisDevice: "On this device",
  loadingSize: (received, total) => `Loading the recognizer: ${received} of ${total} MB. You can draw already.`,
  loadingFailed: "The recognizer could not be loaded. It is tried again with your next stroke.",
  download: (count) => `Download ${count === 1 ? "1 correction" : `${count} corrections`} (CSV)`,
  downloadNegatives: (count) => `Download ${count} marked “Not a digit” (CSV)`,

  // Files. `name` is that of the file.
  noPictureToPaste: "There is no picture on the clipboard.",
  fileKind: (name, kind) => `“${name}” is ${/^[AS]/.test(kind) ? "an" : "a"} ${kind} file, which cannot be opened here.`,
  instead: {
    HEIC: "Save it as a JPEG first. iPhones take JPEGs with Settings > Camera > Formats > Most Compatible.",
    PDF: "Take a screenshot of the digit and choose that.",
    SVG: "Save it as a PNG first.",
    other: anyKind,
  },
  fileNoPicture: (name) => `“${name}” is not a picture. Choose a PNG or JPEG file.`,
  fileEmpty: (name) => `“${name}” is empty. Choose another file.`,
  fileLarge: (size, limit) => `This picture has ${size} MB. Choose one of at most ${limit} MB.`,
  filesLeftOut: (name, count) =>
    `This is “${name}”. ${count === 1 ? "The other file was" : `The other ${count} files were`} left out: one picture at a time.`,

  // About.
  titleAbout: "accuracy and privacy",
  howRight: "How often is it right?",
  neverSaw: "Images that the model never saw",
  number: "Number",
  right: "Right",
  mnist_test: "MNIST's test images: scanned digits",
  usps: "USPS: scanned digits of letters",
  strokes_usual: "Digits drawn with a pen, by strangers",
  ownModel: "The operator of this server uses a model of their own, whose accuracy is not known here.",
  percentage:
    "The percentage beside an answer is how often such answers are right. No answer is certain. Drawings that do not look like a digit get a “?” and a best guess.",
  whatHappens: "What happens to my drawing?",
  forgotten:
    "It is sent to this server, recognized, and forgotten. The server logs the digit and the time, but neither the drawing nor your address.",
  corrected:
    "If you say whether an answer is right, the server stores what you said and what the model answered. It keeps the drawing only if you tick “Keep my drawing”. Undo deletes both.",
  recognizedHere: "It is recognized on this device and sent nowhere.",
  recognizedHereAlone: "It is recognized on this device.",
  correctedHere:
    "If you say whether an answer is right, this browser stores what you said, and the drawing only if you tick “Keep my drawing”. Undo deletes both. Clearing the data of this site in your browser deletes all of it.",
  correctedThere:
    "If you say whether an answer is right, what you said and the drawing are sent to the server of this page's operator. It keeps the drawing only if you tick “Keep my drawing”. Undo deletes both.",
  remembered:
    "Your browser remembers your settings, and your drawing until you close the tab. There are no cookies, and the page loads nothing from other servers.",
  drawADigit: "Draw a digit",

  // Pages of errors.
  titleError: "an error",
  nothingHere: "There is nothing at this address.",
  tooManyRequests: "Too many requests from this address. Wait a moment, then try again.",
  serverFailed:
    "Something went wrong on the server. Try again; if it happens again, report the request id.",
  drawInstead: "Draw a digit instead",
  request: "Request",
};
