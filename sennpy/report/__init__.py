"""The growth X-ray: one page that shows a training look by look, and says why it grew where it did.

    recorder = Recorder(X, t, loss)
    network, history = SENN(loss, settings).fit(net, X, t, callback=recorder)
    history.report("report.html", recorder, settings)

`recorder.py` keeps networks while they train, `births.py` knows each neuron from its birth on,
`words.py` says why a place was chosen or not, `pictures.py` computes what is drawn of a network,
`content.py` puts all of it into one JSON block, and `page.py` that block into a page. The page is
made by page.html, page.css and page.js; what it draws with is the kit of `explorables`.
"""

from .live import LiveView
from .page import write_report, write_reports
from .recorder import Recorder
from .training import Training

__all__ = ["LiveView", "Recorder", "Training", "write_report", "write_reports"]
