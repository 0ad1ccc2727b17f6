"""The other side in a resident's words: somebody with a role and a name, or a company by its name."""

from __future__ import annotations

import re

_SURNAME = (
    "李王张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方"
    "石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文欧肖"
)
_ROLE = (
    r"(?:包工头|工头|老板娘?|房东|邻居|班组长|项目经理|物业经理|带班的?|队长|承包商|楼上|楼下|对门|隔壁"
    r"|前夫|前妻|大哥|二哥|弟弟|哥哥|妹妹"
    r"|姐姐|村长|组长|司机|中介|借款人)"
)
_GIVEN = (
    r"[^\W\da-z_不没把给拖是的了在和跟找让要借还拿偷占堵跑去来有就也都又他她欠收打骂说叫讲天被因从到对卷赖先当一二三四五六七八九十百千万几"
    r"我你它们这那很太上下开关为与及或吗呢吧啊而向往比每个只于之以可能会想家里楼边用停装修漏养做搞干吵闹扔放半前后]"
)
_TYPICAL = (
    "伟强磊洋勇军杰涛超明刚平辉鹏华飞鑫波斌宇浩凯健俊旭宁林峰毅阳然子轩博文宏志远泽海建国民庆德福贵财荣光亮兴旺祥永友良善义仁礼智信忠孝康"
    "顺和春夏秋冬梅兰竹菊莲芳芬芸英秀丽美娟娥婷玲珍珠玉翠红艳霞云雪静淑惠慧敏燕凤爱桂香素贞金银铁钢根柱树森满仓江河湖山川松柏青才茂继宗"
    "汉显富裕宝喜吉利胜威武卫东新学晓怀生昌炳培坤增群章童小大天成达恒正守保双元全龙虎彪安翔程"
)
"""Characters that given names are often made of: two of them end a name without a word after it."""
_TITLE = (
    r"(?:某某?|总(?!是|共|说)|老板|经理|师傅|主任|老[大二三四五六]|叔|婶|姨|哥|姐|嫂|伯|大爷|大妈|阿姨"
    r"|大姐|大哥|奶奶|爷爷|婆婆)"
)
_AFTER_A_NAME = (
    r"(?=$|[\s，。；、！？]|不|没|把|给|拖|是|的|了|在|和|跟|找|让|要|借|还|拿|偷|占|堵|跑|去|来|有|就|也"
    r"|都|又|他|她|欠|收|打|骂|说|叫|讲|家"
    r"|总|天天|被|因|从|到|对|卷|赖|先|当|往|朝|用|盖|养|装|修|停|放|倒|砌|挖|种|每|半夜|多次|长期|一直"
    r"|经常|一分|老是)"
)
_CALLED = (
    rf"(?:[老小][{_SURNAME}](?![\u4e00-\u9fff]?[兴度])|姓[{_SURNAME}](?:的)?|[{_SURNAME}]{_TITLE}"
    rf"|叫?[{_SURNAME}](?:[{_TYPICAL}]{{2}}|{_GIVEN}{{1,2}}?{_AFTER_A_NAME}))"
)
_PERSON = re.compile(
    rf"{_ROLE}{_CALLED}|(?:楼上|楼下|对门|隔壁)(?:的)?\d{{3,4}}(?!\d|元|块|年|人|平|米|天(?!天))(?:室)?"
)
_JOKE = "隔壁老王"
_ORDINARY = re.compile(
    r"(?:高空|高声|高音|方便|安装|安静|于是|万一|时|张口|何时|任何|常年|常常|白天|金额|马上|马路|江边"
    r"|石头|文明|康复|许多|钱包|雷|黄金|黄色|熊孩"
    r"|田里|田地|武力|于今|段时)"
)

_TRADES = (
    "物业|劳务|建筑|装修|装饰|建设|建工|工程|客运|运输|物流|快递|环卫|保洁|保安|家政|地产|置业|房地产"
    "|商贸|贸易|科技|网络|电子|电气|机械|服装"
    "|食品|餐饮|教育|培训|传媒|文化|旅游|供热|热力|供水|电力|化工|制药|医药|医疗|器械|纺织|家具|汽车"
    "|出租车?|租赁|中介|房产|人力资源|派遣|服务"
    "|管理|安装|园林|绿化|农业|养殖|种植|投资|理财|担保|保险|证券|速运|电商|直播|信息|技术|实业|开发|集团"
    "|市政|路桥|小区|维保|电梯|公交|早教"
    "|艺术|健身|美容|火锅|奶茶"
)
_TRADE = re.compile(rf"(?:{_TRADES})+$")
_COMPANY = re.compile(
    r"(?P<name>[\u4e00-\u9fffa-z]{2,16}?)(?P<kind>(?:股份)?有限(?:责任)?公司|集团(?:公司)?(?!里|的|让|要"
    r"|说)|公司)"
)
# These end many ordinary words too: only at the beginning of a clause, after a proper name.
_BUSINESS = re.compile(
    rf"(?:^|[\s，。；、！？])(?:我?(?:在|被|找|去|是|投诉|举报"
    rf"|反映))?(?P<name>[\u4e00-\u9fff]{{2,4}}?(?:{_TRADES})*)"
    r"(?P<kind>物业|培训学校|培训机构|培训班|美容院|健身房|养老院|驾校|装饰城|中介|餐饮店|服装厂|家具厂"
    r"|电子厂|机械厂|鞋厂|砖厂|工程队)"
    r"(?!公司|费|经理|不|没|都|也|管|人员|员|电话|那边)"
)
_BUSINESS_CLEAR = re.compile(r"(?:物业|中介)(?:$|[\s，。]|[把让收欠停锁扣赶逼强]|的人)")
_CUT = re.compile(
    r"我们|我是|我在|在|是|的|被|把|给|跟|和|与|去|到|于|叫|投诉|反映|举报|关于|了|欠|找|进|由|请|向|告"
    r"|让|做|说|这家|那家|一家|为|承包给|买"
)
_NO_COMPANY = re.compile(
    r"[我你他她它们这那哪某该本总各每不没的个退问换先后]|[里天次年底]$|第|什么|对方|原来|现在|之前|以前"
    r"|一起|开发商|老板|第三方|正规|国有|私人"
    r"|大型|外地|本地|当地|附近|新来|专业|有天|上市|皮包|关联|委托|此|责令|撤销|督促|敦促|要求|建议"
    r"|意外险|车险|人寿|县里|市里|镇上|区里|经适房|安置房|回迁房"
)
_NO_BUSINESS = re.compile(
    r"[我你他她它们这那哪某该本总各每不没的个退问换先后新旧老小大原前全都有被让找给说就还也又来去到跟]"
    r"|和(?![泰顺美谐平兴盛瑞])|楼|小区|对方|附近|门口|路口|隔壁|私人"
    r"|妈|爸|娃|爹|娘|媳妇|老公|老婆|儿子|女儿|俺|咱|想|搁|关于|里|在|送|住|进|一般|某|家庭|集体|敬老"
    r"|幸福(?=养老)|意外|经适|安置|回迁"
    r"|外地|本地|当地|电梯|业主|开发|保安|暖气|停车|收费|农村|县|镇|乡|村|市|区|孩子|老人|一家|两家|职业"
    r"|公办|民办|高价|上门"
)


def other_party(text: str) -> str | None:
    """Who the other side is, as typed (包工头老李, 楼上502, 鼎盛劳务公司); a role alone is nobody."""
    return _person(text) or _company(text) or _business(text)


def _person(text: str) -> str | None:
    for match in _PERSON.finditer(text):
        called = re.sub(rf"^{_ROLE}", "", match[0])
        if match[0] != _JOKE and not _ORDINARY.match(called):
            return match[0]
    return None


def _company(text: str) -> str | None:
    for match in _COMPANY.finditer(text):
        name, cut = match["name"], False
        for found in _CUT.finditer(name):
            name, cut = match["name"][found.end() :], True
        before = text[match.start() - 1 : match.start()]
        if not cut and before and "\u4e00" <= before <= "\u9fff":
            continue
        name = name.lstrip("区市县镇省")
        proper = _TRADE.sub("", name)
        if _NO_COMPANY.search(name) or not 2 <= len(proper) <= 8:
            continue
        if proper.isascii() or proper != name or "有限" in match["kind"]:
            return name + match["kind"]
    return None


def _business(text: str) -> str | None:
    for match in _BUSINESS.finditer(text):
        proper = _TRADE.sub("", match["name"])
        if not 2 <= len(proper) <= 4 or _NO_BUSINESS.search(proper):
            continue
        whole = match["name"] + match["kind"]
        if match["kind"] not in ("物业", "中介") or _BUSINESS_CLEAR.match(text, match.start("kind")):
            return whole
    return None
