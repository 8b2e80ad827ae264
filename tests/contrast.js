// Texts whose contrast with what lies behind them is below what WCAG AA asks for (4.5, or 3 for large text).
(() => {
  // "rgb(10, 94, 168)", or of a mixture "color(srgb 0.04 0.37 0.66 / 0.5)".
  const numbers = (color) => {
    const found = color.match(/[\d.]+/g).map(Number);
    return color.startsWith("color(") ? found.map((part, place) => (place < 3 ? 255 * part : part)) : found;
  };
  const light = (color) => {
    const [r, g, b] = numbers(color).map((part) => {
      const share = part / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    for (let place = element; place; place = place.parentElement) {
      const color = getComputedStyle(place).backgroundColor;
      if ((numbers(color)[3] ?? 1) > 0) return color;
    }
    return "rgb(255, 255, 255)";
  };
  const found = [];
  for (const element of document.querySelectorAll("body *")) {
    const words = [...element.childNodes].filter((node) => node.nodeType === 3 && node.textContent.trim());
    if (!words.length || !element.getClientRects().length || element.closest(".vh, .skip, option")) continue;
    const style = getComputedStyle(element);
    const ink = element instanceof SVGElement ? style.fill : style.color;
    const [one, other] = [light(ink), light(behind(element))].sort((a, b) => b - a);
    const size = parseFloat(style.fontSize);
    const least = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700) ? 3 : 4.5;
    const contrast = (one + 0.05) / (other + 0.05);
    if (contrast < least) found.push(`${contrast.toFixed(2)} "${words[0].textContent.trim().slice(0, 30)}" ${ink}`);
  }
  return [...new Set(found)];
})();
