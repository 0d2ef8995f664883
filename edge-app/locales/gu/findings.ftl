# Gujarati. Needs review by a native speaker.
# What the device found, in words. A finding is a sign, never a diagnosis, and the absence of one clears nobody.

# One line, for the command line and for a row in a list.
finding-resembles-1 = { $first } જેવું દેખાય છે
finding-resembles-2 = { $first } અથવા { $second } જેવું દેખાય છે
finding-resembles-3 = { $first }, { $second } અથવા { $third } જેવું દેખાય છે
finding-not-clear = સ્પષ્ટ નથી: ચિંતા હોય તો ડૉક્ટર પાસે મોકલો
finding-no-match = આ 12 માંથી કોઈ સાથે મેળ નથી
finding-retake = ફોટો ફરી લો: { $reason }

# Why a photograph must be taken again. The keys are `reason-` and the stable id.
reason-no_face = ચહેરો મળ્યો નથી
reason-several_faces = એકથી વધુ ચહેરા
reason-too_small = ચહેરો બહુ નાનો છે
reason-cut_off = માથાનો થોડો ભાગ કપાયો છે
reason-too_dark = બહુ અંધારું
reason-too_bright = બહુ પ્રકાશ
reason-blurred = ઝાંખું
reason-turned_away = ચહેરો બીજી બાજુ ફરેલો છે

# What to do about it. The keys are `remedy-` and the stable id.
remedy-no_face = કૅમેરો ચહેરા તરફ રાખો, જેથી આખું માથું દેખાય.
remedy-several_faces = બીજા લોકોને ખસવા કહો: ફક્ત એક વ્યક્તિ.
remedy-too_small = નજીક આવો.
remedy-cut_off = થોડા પાછળ જાઓ, જેથી કાન અને ગરદન સાથે આખું માથું દેખાય.
remedy-too_dark = બારી તરફ ફરો અથવા અજવાળામાં જાઓ.
remedy-too_bright = છાંયડામાં જાઓ અથવા તડકાથી મોં ફેરવો.
remedy-blurred = સ્થિર રહો, લેન્સ લૂછો અને ફરી પ્રયત્ન કરો.
remedy-turned_away = વ્યક્તિને સીધા કૅમેરામાં જોવા કહો.

# How much the face resembles a class.
band-strong = ઘણું મળતું
band-moderate = ઠીક ઠીક મળતું
band-weak = થોડું મળતું

next-resembles = ડૉક્ટર પાસે મોકલો. બાળકોના ડૉક્ટર કે જિનેટિક ક્લિનિક સૌથી સારું. કહો: “ચહેરામાં કેટલીક બાબતો છે જે ડૉક્ટરે જોવી જોઈએ.” પાકું ફક્ત તપાસ અને જિનેટિક ટેસ્ટથી જ ખબર પડે.
next-not-clear = તમને કે પરિવારને ચિંતા હોય તો ડૉક્ટર પાસે મોકલો. સારા અજવાળામાં બીજો ફોટો પણ લઈ શકો.
next-no-match = આનાથી કોઈ બીમારી નથી એમ નક્કી થતું નથી. તમને કે પરિવારને ચિંતા હોય તો ડૉક્ટર પાસે મોકલો.

red-flags = હૃદય, શ્વાસ, ધાવવાની તકલીફ કે આંચકી? તરત મોકલો, સ્ક્રીન ગમે તે કહે.
disclaimer = આ એક સંકેત છે, બીમારીનું નિદાન નથી.
notice-synthetic = કૃત્રિમ ચહેરા પર પરીક્ષણ; તબીબી ચોકસાઈનો દાવો નથી
