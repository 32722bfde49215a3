// A figure that is wider than its column leads to itself in full size.
addEventListener("load", () => {
  for (const image of document.querySelectorAll("article img")) {
    if (image.closest("a") || image.naturalWidth <= image.clientWidth) continue;
    const link = document.createElement("a");
    link.href = image.src;
    link.title = "in full size";
    image.replaceWith(link);
    link.append(image);
  }
});
