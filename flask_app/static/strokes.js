// Strokes as data, as paint, and as the picture that is sent.
//
// A stroke is { width, points, erases }: width and [x, y] points as fractions of the sheet's side, so that a drawing
// survives any change of size; y grows downwards. One that erases takes away what it covers.

export const PICTURE_SIDE = 280; // pixels of the picture that is sent, whatever the screen

// Paint strokes over a square of `side` pixels.
export function paint(context, strokes, side, colour) {
  context.strokeStyle = context.fillStyle = colour;
  context.lineCap = context.lineJoin = "round";
  for (const { width, points, erases } of strokes) {
    context.globalCompositeOperation = erases ? "destination-out" : "source-over";
    context.lineWidth = width * side;
    context.beginPath();
    if (points.length === 1) {
      const [x, y] = points[0]; // a tap is a dot; a line of no length would leave nothing
      context.arc(x * side, y * side, (width * side) / 2, 0, 2 * Math.PI);
      context.fill();
    } else {
      trace(context, points, side);
      context.stroke();
    }
  }
  context.globalCompositeOperation = "source-over";
}

// A smooth line: through the midpoints between points, each point bending it its way.
function trace(context, points, side) {
  const last = points.length - 1;
  context.moveTo(points[0][0] * side, points[0][1] * side);
  for (let i = 1; i < last; i++) {
    const [x, y] = points[i];
    const [nextX, nextY] = points[i + 1];
    context.quadraticCurveTo(x * side, y * side, ((x + nextX) / 2) * side, ((y + nextY) / 2) * side);
  }
  context.lineTo(points[last][0] * side, points[last][1] * side);
}

// The drawing as a PNG, always black on white, whatever the colours of the page. Nothing is cropped, centred or scaled to
// the digit: the model prepares the picture.
export function toPng(strokes) {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = PICTURE_SIDE;
  const context = canvas.getContext("2d");
  paint(context, strokes, PICTURE_SIDE, "#000");
  context.globalCompositeOperation = "destination-over"; // below the ink, where erasing has left it
  context.fillStyle = "#fff";
  context.fillRect(0, 0, PICTURE_SIDE, PICTURE_SIDE);
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("no PNG"))), "image/png");
  });
}
