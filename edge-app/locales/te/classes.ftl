# Telugu. Needs review by a native speaker.
# The twelve classes. The keys are `class-` and the stable id.
class-22q11ds = 22q11.2 డిలీషన్ సిండ్రోమ్
class-angelman = ఏంజెల్‌మాన్ సిండ్రోమ్
class-apert = ఎపర్ట్ సిండ్రోమ్
class-cdl = కార్నెలియా డి లాంగ్ సిండ్రోమ్
class-down = డౌన్ సిండ్రోమ్
class-hgps = హచిన్సన్-గిల్‌ఫోర్డ్ ప్రొజీరియా సిండ్రోమ్
class-marfan = మార్ఫాన్ సిండ్రోమ్
class-fragile_x = ఫ్రాజైల్ ఎక్స్ సిండ్రోమ్
class-sotos = సోటోస్ సిండ్రోమ్
class-treacher_collins = ట్రెచర్ కాలిన్స్ సిండ్రోమ్
class-turner = టర్నర్ సిండ్రోమ్
class-williams = విలియమ్స్ సిండ్రోమ్
