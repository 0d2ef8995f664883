# The twelve classes. The keys are `class-` and the stable id.
class-22q11ds = 22q11.2 deletion syndrome
class-angelman = Angelman syndrome
class-apert = Apert syndrome
class-cdl = Cornelia de Lange syndrome
class-down = Down syndrome
class-hgps = Hutchinson-Gilford progeria syndrome
class-marfan = Marfan syndrome
class-fragile_x = Fragile X syndrome
class-sotos = Sotos syndrome
class-treacher_collins = Treacher Collins syndrome
class-turner = Turner syndrome
class-williams = Williams syndrome
