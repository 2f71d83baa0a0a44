"""Fernhill Coffee Supply: what it sells, and to whom. All of it is invented."""

LOTS = {"BEN-ETH-250": (("ETH-1", "2027-02-28", 6), ("ETH-2", "2027-09-30", None))}
"""What is kept by batch and expiry date: its lots, the first to expire first; None: as many as are left."""
KIT = "GFT-SET-01"
KIT_OF = ("DRP-V60-02-WHT", "FLT-02-100", "SRV-GLS-600")
"""DEAR builds the kit when a sale is authorised; the warehouse has as many ready made as are ordered."""

# sku, name, price, cost, weight in kg, the first twelve digits of an EAN-13
PRODUCTS = (
    ("KET-GN-09-BLK", "Gooseneck kettle 0.9 l, matt black", "79.00", "34.10", "1.35", "501234500011"),
    ("KET-GN-09-STL", "Gooseneck kettle 0.9 l, brushed steel", "74.00", "32.40", "1.32", "501234500028"),
    ("KET-GN-09-RED", "Gooseneck kettle 0.9 l, signal red", "79.00", "34.10", "1.35", "501234500035"),
    ("DRP-V60-02-WHT", "Ceramic dripper 02, white", "24.50", "9.85", "0.42", "501234500042"),
    ("DRP-V60-02-CLY", "Ceramic dripper 02, clay", "26.00", "10.20", "0.42", "501234500059"),
    ("FLT-02-100", "Paper filters 02, 100 sheets", "6.90", "2.15", "0.18", "501234500066"),
    ("FLT-02-400", "Paper filters 02, 400 sheets", "22.95", "7.60", "0.69", "501234500073"),
    ("GRD-HAND-38", "Hand grinder, 38 mm steel burr", "129.00", "58.75", "0.61", "501234500080"),
    ("GRD-BURR-38", "Spare burr set, 38 mm", "34.00", "13.30", "0.12", "501234500097"),
    ("SCL-PRO-2K", "Brewing scale with timer, 2 kg", "64.50", "27.90", "0.48", "501234500103"),
    ("SRV-GLS-600", "Glass server 600 ml", "29.00", "11.45", "0.37", "501234500110"),
    ("MUG-ENA-350-GRN", "Enamel mug 350 ml, forest green", "14.00", "4.95", "0.16", "501234500127"),
    ("MUG-ENA-350-NVY", "Enamel mug 350 ml, navy", "14.00", "4.95", "0.16", "501234500134"),
    ("CUP-STN-220-SND", "Stoneware cup 220 ml, sand", "18.50", "6.70", "0.29", "501234500141"),
    ("BTL-INS-500-BLK", "Insulated bottle 500 ml, black", "27.50", "10.85", "0.33", "501234500158"),
    ("BEN-ETH-250", "Guji natural, whole bean 250 g", "11.80", "5.35", "0.26", "501234500165"),
    ("BEN-COL-1000", "Huila washed, whole bean 1 kg", "38.00", "18.90", "1.03", "501234500172"),
    ("BEN-DEC-250", "Sugar cane decaf, whole bean 250 g", "11.20", "5.10", "0.26", "501234500189"),
    ("BEN-GRN-KG", "Green coffee, Minas Gerais, by the kilogram", "9.4500", "5.2250", "1", "501234500196"),
    ("PRS-FR-1000", "French press 1 l, steel", "49.00", "20.60", "0.98", "501234500202"),
    ("CLN-TAB-100", "Cleaning tablets, 100 pieces", "16.75", "5.80", "0.31", "501234500219"),
    ("APR-CNV-OLV", "Canvas apron, olive", "42.00", "16.95", "0.54", "501234500226"),
    ("GFT-SET-01", "First brew gift set", "89.00", "38.25", "1.64", "501234500233"),
    ("DSP-RCK-12", "Counter display rack for 12 bags", "118.00", "61.00", "5.20", "501234500240"),
)
CLASS = {"sku": "SVC-BREW-CLASS", "name": "Brewing class, two hours", "price": 55.0, "cost": 0.0, "type": "Service"}

# company or person | contact | line 1 | line 2 | city | region | postcode | country | phone
CUSTOMERS = [
    row.split("|")
    for row in """
Marlow & Finch Café|Imogen Finch|14 Tanner Row||York|North Yorkshire|YO1 6JB|United Kingdom|+44 1632 960011
Rowan Ellery|Rowan Ellery|Flat 3|88 Corn Street|Bristol||BS1 1EJ|United Kingdom|+44 1632 960024
Kaffeehaus Sonntag|Jonas Weidner|Lindenstraße 41|Hinterhaus|Berlin||10969|Germany|+49 30 23125 014
Tidewater Roasters LLC|Dana Whitlock|2210 Harbor Ave|Suite 5|Brooklyn|NY|11231|United States|+1 212 555 0142
Priya Natarajan|Priya Natarajan|77 Orchard St|Apt 4B|New York|NY|10002|United States|+1 212 555 0163
Southerly Coffee Bar|Mick Tarrant|5/120 Swan Street||Richmond|VIC|3121|Australia|+61 3 5550 0117
Brûlerie des Quais|Élodie Marchetti|9 quai de la Fosse||Nantes||44000|France|+33 1 99 00 01 28
Aoife Brannigan|Aoife Brannigan|23 Strand Road||Sligo|Co. Sligo|F91 X2R7|Ireland|+353 20 910 0135
Polder & Pot|Sanne Verhulst|Prinsengracht 512-H||Amsterdam||1017 KH|Netherlands|+31 20 555 0148
Granholm Kontorskaffe AB|Linnea Granholm|Kungsgatan 18|2 tr|Göteborg||411 19|Sweden|+46 31 390 06 51
Bar Lucertola|Matteo Ferrante|Via dei Cappellari 30||Roma|RM|00186|Italy|+39 06 5550 162
Hartley Hotel Group|Beatrice Oyelaran|Hartley House|1 Station Way|Leeds||LS1 4DY|United Kingdom|+44 1632 960178
Cedar Falls Outfitters|Wyatt Lindqvist|418 Main St||Cedar Falls|IA|50613|United States|+1 319 555 0184
Montaña Norte Café|Inés Carvajal|Calle de la Paz 12|bajo|Santander|Cantabria|39003|Spain|+34 942 555 019
Fjordlys Butikk AS|Håkon Sørlie|Strandgaten 64||Bergen||5004|Norway|+47 55 50 02 06
Tomoko Hayashida|Tomoko Hayashida|Apt. 602, 3-14-8 Kamimeguro|Meguro-ku|Tokyo|Tokyo|153-0051|Japan|+81 3 5550 0217
Alpenblick Rösterei GmbH|Reto Zumbühl|Bahnhofstrasse 27||Luzern|LU|6003|Switzerland|+41 41 555 02 23
Wharf Street Bakery|Owen Prosser|6 Wharf Street||Cardiff||CF10 1EP|United Kingdom|+44 1632 960232
Copper Kettle Supply Co.|Marisol Beaumont|905 Rue Sainte-Anne||Montréal|QC|H3C 2N1|Canada|+1 514 555 0241
Lachlan Pym|Lachlan Pym|31 Esplanade||Fremantle|WA|6160|Australia|+61 8 5550 0250
Kopi & Kaya Pte Ltd|Mei Lin Seah|42 Tiong Poh Road|#01-07|Singapore||160042|Singapore|+65 5550 0264
Duckworth Catering|Nadia Duckworth|Unit 9|Millbrook Estate|Exeter|Devon|EX2 8NP|United Kingdom|+44 1632 960275
Kiwi Grind Ltd|Tane Rangihuna|15 Cuba Street|Te Aro|Wellington||6011|New Zealand|+64 4 555 0283
""".strip().splitlines()
]
